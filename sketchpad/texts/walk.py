"""The walk on the Inside tab: its sentences in English, simplified and traditional Chinese."""

EN = {
    "walk.title": "The walk: from the drawing to the answer",
    "walk.about": "The network as it is loaded, from left to right: in each block the branch learns and "
    "the skip carries the block's input past it (He et al. 2016a, sec. 3.1 and fig. 2). Each place "
    "shows its strongest map for this drawing; choose one to see more of it.",
    "walk.about.plain": "The network as it is loaded, from left to right. It is a plain one: its blocks have "
    "no skips, and what a convolution loses is lost to all that follow (He et al. 2016a, sec. 4.1). Each "
    "place shows its strongest map for this drawing; choose one to see more of it.",
    "walk.strip": "Places in the network: the arrow keys lead from one to the next",
    "walk.block": "Stage {stage}, block {n}",
    "walk.node.image": "drawing",
    "walk.node.stem": "stem",
    "walk.node.shrink": "pool",
    "walk.node.conv": "conv {n}",
    "walk.node.skip": "skip",
    "walk.node.add": "add",
    "walk.node.cat": "join",
    "walk.node.between": "between",
    "walk.node.pool": "pool",
    "walk.node.classifier": "classes",
    "walk.does.image": "The drawing as the network gets it: shifted and scaled so that MNIST's pixels have "
    "mean 0 and spread 1.",
    "walk.does.stem": "Small filters slide over the drawing; each answers where the strokes look like its "
    "own pattern.",
    "walk.does.shrink": "Of each small patch one number is kept: the map shrinks, and a shift by a pixel "
    "matters less.",
    "walk.does.first": "The branch's first convolution: patterns of what came in, over a wider patch.",
    "walk.does.middle": "A further convolution of the block: patterns of patterns.",
    "walk.does.last": "The branch's last convolution: what the block wants to change. It has no ReLU of its "
    "own, so that it can take away as well as add.",
    "walk.does.grown": "The layer's new channels, which are put beside everything found so far.",
    "walk.does.identity": "The skip: the block's input, unchanged and without a single parameter.",
    "walk.does.projection": "The skip of a block that changes the shape: a 1 × 1 convolution fits the input "
    "to it, pixel by pixel.",
    "walk.does.bare": "The skip of a block that changes the shape: a 1 × 1 convolution without BatchNorm.",
    "walk.does.zeros": "The skip of a block that changes the shape: every other pixel, and channels of "
    "zeros. No parameters.",
    "walk.does.add": "Skip plus branch, number by number. What is negative here, the ReLU behind it sets to "
    "zero; the rest goes to the next block.",
    "walk.does.cat": "Skip and branch side by side: nothing is added, the channels become more.",
    "walk.does.between": "A convolution between two blocks, which nothing passes by: it changes the shape "
    "for the blocks behind it.",
    "walk.does.pool": "The mean of each map, after the ReLU: where something was found is forgotten, how "
    "much of it remains.",
    "walk.does.classifier": "A weighted sum of all features for each class: the highest score is the answer. "
    "A softmax makes probabilities of them.",
    "walk.does.relu": " Negative answers are cut off (ReLU).",
    "walk.ops": "Operations",
    "walk.field": "{size} × {size} pixels",
    "walk.drawn": "The drawing, with an outline around what the chosen pixel sees",
    "walk.zoom": "The chosen map, enlarged: point at or touch a pixel, or move with the arrow keys",
    "walk.keys": "Point at or touch a pixel of the map, or use the arrow keys: the outline on the drawing is "
    "all that it sees.",
    "walk.pixel": "Map {map}, row {row}, column {column}: {value}. It sees {width} × {height} pixels of the "
    "drawing.",
    "walk.pixel.vector": "Feature {map}: {value}. It sees the whole drawing.",
    "walk.count": "Strongest {n} of {total}",
    "walk.counts": "How many maps",
    "walk.all": "all",
    "walk.tiles": "Feature maps, the strongest first: press one to enlarge it",
    "walk.class.none": "none",
    "walk.scale": "Under each map stand its channel and its strength, the root mean square of its values; "
    "under a single number the number. A place has one scale for whatever is drawn: one in a thousand "
    "values lies beyond it.",
}

ZH_HANS = {
    "walk.title": "走一遍：从图形到答案",
    "walk.about": "已加载的网络，从左到右：每个模块里，分支负责学习，旁路把模块的输入直接送过去"
    "（He 等 2016a，第 3.1 节与图 2）。每一处显示它对这个图形响应最强的特征图；点选一处可看更多。",
    "walk.about.plain": "已加载的网络，从左到右。这是普通网络：模块没有旁路，一个卷积丢掉的，后面就再也得不到"
    "（He 等 2016a，第 4.1 节）。每一处显示它对这个图形响应最强的特征图；点选一处可看更多。",
    "walk.strip": "网络中的各处：用方向键前后移动",
    "walk.block": "阶段 {stage}，模块 {n}",
    "walk.node.image": "图形",
    "walk.node.stem": "起始层",
    "walk.node.shrink": "池化",
    "walk.node.conv": "卷积 {n}",
    "walk.node.skip": "旁路",
    "walk.node.add": "相加",
    "walk.node.cat": "拼接",
    "walk.node.between": "过渡",
    "walk.node.pool": "池化",
    "walk.node.classifier": "类别",
    "walk.does.image": "网络得到的图形：经平移和缩放，使 MNIST 的像素均值为 0、标准差为 1。",
    "walk.does.stem": "小滤波器在图形上滑动；笔画像它的图案之处，它就响应。",
    "walk.does.shrink": "每一小块只留一个数：图变小，移动一个像素也就不那么要紧。",
    "walk.does.first": "分支的第一个卷积：在更大的范围里寻找输入中的图案。",
    "walk.does.middle": "模块中的又一个卷积：图案的图案。",
    "walk.does.last": "分支的最后一个卷积：模块想要改动的部分。它后面没有自己的 ReLU，所以既能加也能减。",
    "walk.does.grown": "这一层的新通道，并排放到先前找到的一切旁边。",
    "walk.does.identity": "旁路：模块的输入，原样不变，没有任何参数。",
    "walk.does.projection": "改变形状的模块的旁路：1 × 1 卷积逐像素地使输入适应新形状。",
    "walk.does.bare": "改变形状的模块的旁路：不带 BatchNorm 的 1 × 1 卷积。",
    "walk.does.zeros": "改变形状的模块的旁路：隔一个像素取一个，再补上全零通道。没有参数。",
    "walk.does.add": "旁路加分支，逐个数相加。这里的负数会被后面的 ReLU 置零，其余传给下一个模块。",
    "walk.does.cat": "旁路与分支并排：没有相加，只是通道变多。",
    "walk.does.between": "两个模块之间的卷积，没有旁路绕过它：它为后面的模块改变形状。",
    "walk.does.pool": "ReLU 之后每张图的平均值：在哪里找到的被忘掉，找到多少留下来。",
    "walk.does.classifier": "每个类别是全部特征的加权和：分数最高的就是答案。softmax 把分数变成概率。",
    "walk.does.relu": "负的响应被截去（ReLU）。",
    "walk.ops": "运算",
    "walk.field": "{size} × {size} 像素",
    "walk.drawn": "图形，框出所选像素看到的范围",
    "walk.zoom": "放大的特征图：指向或触摸一个像素，或用方向键移动",
    "walk.keys": "指向或触摸图中的一个像素，或用方向键：图形上的框就是它能看到的全部。",
    "walk.pixel": "图 {map}，第 {row} 行第 {column} 列：{value}。它看到图形中的 {width} × {height} 像素。",
    "walk.pixel.vector": "特征 {map}：{value}。它看到整个图形。",
    "walk.count": "最强的 {n} 张，共 {total} 张",
    "walk.counts": "显示多少张",
    "walk.all": "全部",
    "walk.tiles": "特征图，最强的在前：点选放大",
    "walk.class.none": "非数字",
    "walk.scale": "每张图下方是通道号和强度（各值的均方根）；单个数下方就是该数。每一处的色标不随图形改变："
    "只有千分之一的值超出它。",
}

ZH_HANT = {
    "walk.title": "走一遍：從圖形到答案",
    "walk.about": "已載入的網路，從左到右：每個模組裡，分支負責學習，旁路把模組的輸入直接送過去"
    "（He 等 2016a，第 3.1 節與圖 2）。每一處顯示它對這個圖形響應最強的特徵圖；點選一處可看更多。",
    "walk.about.plain": "已載入的網路，從左到右。這是普通網路：模組沒有旁路，一個卷積丟掉的，後面就再也得不到"
    "（He 等 2016a，第 4.1 節）。每一處顯示它對這個圖形響應最強的特徵圖；點選一處可看更多。",
    "walk.strip": "網路中的各處：用方向鍵前後移動",
    "walk.block": "階段 {stage}，模組 {n}",
    "walk.node.image": "圖形",
    "walk.node.stem": "起始層",
    "walk.node.shrink": "池化",
    "walk.node.conv": "卷積 {n}",
    "walk.node.skip": "旁路",
    "walk.node.add": "相加",
    "walk.node.cat": "串接",
    "walk.node.between": "過渡",
    "walk.node.pool": "池化",
    "walk.node.classifier": "類別",
    "walk.does.image": "網路得到的圖形：經平移和縮放，使 MNIST 的像素平均為 0、標準差為 1。",
    "walk.does.stem": "小濾波器在圖形上滑動；筆畫像它的圖案之處，它就響應。",
    "walk.does.shrink": "每一小塊只留一個數：圖變小，移動一個像素也就不那麼要緊。",
    "walk.does.first": "分支的第一個卷積：在更大的範圍裡尋找輸入中的圖案。",
    "walk.does.middle": "模組中的又一個卷積：圖案的圖案。",
    "walk.does.last": "分支的最後一個卷積：模組想要改動的部分。它後面沒有自己的 ReLU，所以既能加也能減。",
    "walk.does.grown": "這一層的新通道，並排放到先前找到的一切旁邊。",
    "walk.does.identity": "旁路：模組的輸入，原樣不變，沒有任何參數。",
    "walk.does.projection": "改變形狀的模組的旁路：1 × 1 卷積逐像素地使輸入適應新形狀。",
    "walk.does.bare": "改變形狀的模組的旁路：不帶 BatchNorm 的 1 × 1 卷積。",
    "walk.does.zeros": "改變形狀的模組的旁路：隔一個像素取一個，再補上全零通道。沒有參數。",
    "walk.does.add": "旁路加分支，逐個數相加。這裡的負數會被後面的 ReLU 歸零，其餘傳給下一個模組。",
    "walk.does.cat": "旁路與分支並排：沒有相加，只是通道變多。",
    "walk.does.between": "兩個模組之間的卷積，沒有旁路繞過它：它為後面的模組改變形狀。",
    "walk.does.pool": "ReLU 之後每張圖的平均值：在哪裡找到的被忘掉，找到多少留下來。",
    "walk.does.classifier": "每個類別是全部特徵的加權和：分數最高的就是答案。softmax 把分數變成機率。",
    "walk.does.relu": "負的響應被截去（ReLU）。",
    "walk.ops": "運算",
    "walk.field": "{size} × {size} 像素",
    "walk.drawn": "圖形，框出所選像素看到的範圍",
    "walk.zoom": "放大的特徵圖：指向或觸碰一個像素，或用方向鍵移動",
    "walk.keys": "指向或觸碰圖中的一個像素，或用方向鍵：圖形上的框就是它能看到的全部。",
    "walk.pixel": "圖 {map}，第 {row} 列第 {column} 行：{value}。它看到圖形中的 {width} × {height} 像素。",
    "walk.pixel.vector": "特徵 {map}：{value}。它看到整個圖形。",
    "walk.count": "最強的 {n} 張，共 {total} 張",
    "walk.counts": "顯示多少張",
    "walk.all": "全部",
    "walk.tiles": "特徵圖，最強的在前：點選放大",
    "walk.class.none": "非數字",
    "walk.scale": "每張圖下方是通道號和強度（各值的方均根）；單個數下方就是該數。每一處的色標不隨圖形改變："
    "只有千分之一的值超出它。",
}
