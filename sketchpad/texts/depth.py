"""Depth for learners on the Inside tab: its sentences in English, simplified and traditional Chinese."""

EN = {
    "depth.title": "What each depth reads",
    "depth.about": "If the network ended after its stem or after one of its blocks, what would it read? "
    "Each depth has a probe, a small linear classifier of its own (Alain and Bengio 2016).",
    "depth.missing": "There are no probes for these weights yet. This command fits them; then start the "
    "page again:",
    "depth.table": "Percent for each digit after each depth",
    "depth.stem": "stem",
    "depth.the.stem": "the stem",
    "depth.the.block": "stage {stage}, block {n}",
    "depth.answer": "answer",
    "depth.right": "right overall",
    "depth.stays": "{answer} is first read after {first}, and at every depth from there on.",
    "depth.returns": "{answer} is first read after {first}, then lost again, and stays from {settled} on.",
    "depth.late": "{answer} is read after {first} but not at the last depth: there only the network’s own "
    "classifier comes to it.",
    "depth.never": "No probe reads {answer}: only the network’s own classifier comes to it.",
    "depth.odd": "The network takes this for no digit. The probes know nothing but digits: they name the "
    "one that it is most like at each depth.",
    "depth.at": "After {place}: {label} with {share}. Over {n} validation images this depth is right in "
    "{right}.",
    "depth.probes": "A column is a depth: the stem, then “2.1” for stage 2, block 1, then the network’s own "
    "answer. Its classifier does not fit where there are fewer channels, so the probes were fitted after "
    "training, to training images. They see what it sees: the mean of each channel over the image. The "
    "numbers are percent, none below a half. “Right overall” is over {n} validation images.",
    "depth.plain.title": "Plain against residual",
    "depth.plain.about": "The same layers with and without skips, trained the same way. A deeper plain "
    "network could copy a shallower one and leave the other layers idle; that it trains worse is the "
    "degradation that residual networks were made against (He et al. 2016a, sec. 1 and fig. 6).",
    "depth.plain.missing": "The runs have not been recorded here. This command does it, in a quarter of an "
    "hour:",
    "depth.plain.made": "Curves are means over {seeds} seeds, bands reach from the least to the greatest. "
    "MNIST’s training part, {steps} steps of {batch} images; SGD, learning rate {lr}, momentum {momentum}, "
    "weight decay {decay} as in He et al. 2016a, sec. 4.2, but with Nesterov’s momentum and the images as "
    "they are; the same first weights by Xavier’s rule; {hardware}. The first steps of a training only: "
    "depth pays later, if at all. No test image was read. Made by",
    "depth.plain": "plain",
    "depth.residual": "residual",
    "depth.layers": "{depth} layers",
    "depth.loss": "Training loss",
    "depth.loss.about": "With 20 layers both learn alike. With 56 the plain network falls far behind.",
    "depth.loss.axis": "step",
    "depth.loss.label": "Training loss of {depth} layers: plain from {plainFirst} to {plain}, residual from "
    "{residualFirst} to {residual}",
    "depth.norms": "Gradient by layer",
    "depth.norms.about": "How strongly the loss pulls at each layer’s weights (2-norm of the gradient), "
    "mean over the first {window} steps. Without skips it grows from layer to layer towards the image, as "
    "it does in deep plain networks with BatchNorm (Yang et al. 2019): no one learning rate suits all. With "
    "skips it stays level up to the classifier.",
    "depth.first.axis": "layer, from the image on",
    "depth.first.label": "Gradient norms of {depth} layers: plain from {plainFirst} at the first to {plain} "
    "at the last, residual from {residualFirst} to {residual}",
    "depth.runs": "The runs in numbers, with the least and the greatest of the seeds",
    "depth.runs.loss": "training loss",
    "depth.runs.accuracy": "training accuracy",
    "depth.runs.begin": "gradient, first layer",
    "depth.runs.end": "gradient, last convolution",
}

ZH_HANS = {
    "depth.title": "每个深度读出什么",
    "depth.about": "如果网络在起始层或某个模块之后就结束，会读出什么？每个深度各有一个探针，"
    "即一个自己的小线性分类器（Alain 和 Bengio 2016）。",
    "depth.missing": "这些权重还没有探针。下面的命令会拟合它们，然后请重新启动页面：",
    "depth.table": "各深度之后每个数字的百分比",
    "depth.stem": "起始",
    "depth.the.stem": "起始层",
    "depth.the.block": "阶段 {stage} 模块 {n}",
    "depth.answer": "答案",
    "depth.right": "总正确率",
    "depth.stays": "在{first}之后首次读出 {answer}，此后每个深度都是它。",
    "depth.returns": "在{first}之后首次读出 {answer}，随后又丢失，从{settled}起不再改变。",
    "depth.late": "在{first}之后读出过 {answer}，但最后一个深度没有：只有网络自己的分类器得出它。",
    "depth.never": "没有探针读出 {answer}：只有网络自己的分类器得出它。",
    "depth.odd": "网络认为这不是数字。探针只认识数字：它们给出各深度上最像的那个。",
    "depth.at": "{place}之后：{label}，{share}。在 {n} 张验证图像上，这个深度有 {right} 读对。",
    "depth.probes": "每列是一个深度：先是起始层，“2.1”是阶段 2 模块 1，最后是网络自己的答案。"
    "通道较少的地方用不上网络自己的分类器，所以探针是训练结束后用训练图像拟合的。它们看到的与分类器一样："
    "每个通道在整幅图上的平均值。数字是百分比，不到一半个百分点的不写。“总正确率”在 {n} 张验证图像上测得。",
    "depth.plain.title": "普通网络与残差网络",
    "depth.plain.about": "层数相同，有无旁路，训练方法一样。较深的普通网络本可以照抄较浅的，让其余的层闲着；"
    "它却训练得更差：这就是退化，残差网络正是为此而设计的（He 等 2016a，第 1 节、图 6）。",
    "depth.plain.missing": "这里还没有记录。下面的命令用一刻钟完成：",
    "depth.plain.made": "曲线是 {seeds} 个种子的平均，色带从最小到最大。MNIST 训练部分，{steps} 步，每步 "
    "{batch} 张；SGD，学习率 {lr}，动量 {momentum}，权重衰减 {decay}，与 He 等 2016a 第 4.2 节相同，但用 "
    "Nesterov 动量，图像不作增强；初始权重都按 Xavier 规则；{hardware}。这只是训练的最初几步："
    "深度的好处若有，也在后面。没有读过测试图像。命令：",
    "depth.plain": "普通",
    "depth.residual": "残差",
    "depth.layers": "{depth} 层",
    "depth.loss": "训练损失",
    "depth.loss.about": "20 层时两者学得差不多。56 层时，普通网络远远落后。",
    "depth.loss.axis": "步",
    "depth.loss.label": "{depth} 层的训练损失：普通从 {plainFirst} 到 {plain}，残差从 {residualFirst} 到 "
    "{residual}",
    "depth.norms": "各层的梯度",
    "depth.norms.about": "损失对每层权重的拉力（梯度的 2 范数），最初 {window} 步的平均。没有旁路时，"
    "它朝图像方向逐层增大，带 BatchNorm 的深层普通网络都是如此（Yang 等 2019）：没有一个学习率适合所有层。"
    "有旁路时，直到分类器之前都大致持平。",
    "depth.first.axis": "层，从图像数起",
    "depth.first.label": "{depth} 层的梯度范数：普通从第一层的 {plainFirst} 到最后一层的 {plain}，残差从 "
    "{residualFirst} 到 {residual}",
    "depth.runs": "各次训练的数字，附各种子的最小和最大值",
    "depth.runs.loss": "训练损失",
    "depth.runs.accuracy": "训练准确率",
    "depth.runs.begin": "梯度，第一层",
    "depth.runs.end": "梯度，最后一个卷积",
}

ZH_HANT = {
    "depth.title": "每個深度讀出什麼",
    "depth.about": "如果網路在起始層或某個模組之後就結束，會讀出什麼？每個深度各有一個探針，"
    "即一個自己的小線性分類器（Alain 和 Bengio 2016）。",
    "depth.missing": "這些權重還沒有探針。下面的命令會擬合它們，然後請重新啟動頁面：",
    "depth.table": "各深度之後每個數字的百分比",
    "depth.stem": "起始",
    "depth.the.stem": "起始層",
    "depth.the.block": "階段 {stage} 模組 {n}",
    "depth.answer": "答案",
    "depth.right": "總正確率",
    "depth.stays": "在{first}之後首次讀出 {answer}，此後每個深度都是它。",
    "depth.returns": "在{first}之後首次讀出 {answer}，隨後又丟失，從{settled}起不再改變。",
    "depth.late": "在{first}之後讀出過 {answer}，但最後一個深度沒有：只有網路自己的分類器得出它。",
    "depth.never": "沒有探針讀出 {answer}：只有網路自己的分類器得出它。",
    "depth.odd": "網路認為這不是數字。探針只認識數字：它們給出各深度上最像的那個。",
    "depth.at": "{place}之後：{label}，{share}。在 {n} 張驗證影像上，這個深度有 {right} 讀對。",
    "depth.probes": "每欄是一個深度：先是起始層，「2.1」是階段 2 模組 1，最後是網路自己的答案。"
    "通道較少的地方用不上網路自己的分類器，所以探針是訓練結束後用訓練影像擬合的。它們看到的與分類器一樣："
    "每個通道在整幅圖上的平均值。數字是百分比，不到一半個百分點的不寫。「總正確率」在 {n} 張驗證影像上測得。",
    "depth.plain.title": "普通網路與殘差網路",
    "depth.plain.about": "層數相同，有無旁路，訓練方法一樣。較深的普通網路本可以照抄較淺的，讓其餘的層閒著；"
    "它卻訓練得更差：這就是退化，殘差網路正是為此而設計的（He 等 2016a，第 1 節、圖 6）。",
    "depth.plain.missing": "這裡還沒有記錄。下面的命令用一刻鐘完成：",
    "depth.plain.made": "曲線是 {seeds} 個種子的平均，色帶從最小到最大。MNIST 訓練部分，{steps} 步，每步 "
    "{batch} 張；SGD，學習率 {lr}，動量 {momentum}，權重衰減 {decay}，與 He 等 2016a 第 4.2 節相同，但用 "
    "Nesterov 動量，影像不作增強；初始權重都按 Xavier 規則；{hardware}。這只是訓練的最初幾步："
    "深度的好處若有，也在後面。沒有讀過測試影像。命令：",
    "depth.plain": "普通",
    "depth.residual": "殘差",
    "depth.layers": "{depth} 層",
    "depth.loss": "訓練損失",
    "depth.loss.about": "20 層時兩者學得差不多。56 層時，普通網路遠遠落後。",
    "depth.loss.axis": "步",
    "depth.loss.label": "{depth} 層的訓練損失：普通從 {plainFirst} 到 {plain}，殘差從 {residualFirst} 到 "
    "{residual}",
    "depth.norms": "各層的梯度",
    "depth.norms.about": "損失對每層權重的拉力（梯度的 2 範數），最初 {window} 步的平均。沒有旁路時，"
    "它朝影像方向逐層增大，帶 BatchNorm 的深層普通網路都是如此（Yang 等 2019）：沒有一個學習率適合所有層。"
    "有旁路時，直到分類器之前都大致持平。",
    "depth.first.axis": "層，從影像數起",
    "depth.first.label": "{depth} 層的梯度範數：普通從第一層的 {plainFirst} 到最後一層的 {plain}，殘差從 "
    "{residualFirst} 到 {residual}",
    "depth.runs": "各次訓練的數字，附各種子的最小和最大值",
    "depth.runs.loss": "訓練損失",
    "depth.runs.accuracy": "訓練準確率",
    "depth.runs.begin": "梯度，第一層",
    "depth.runs.end": "梯度，最後一個卷積",
}
