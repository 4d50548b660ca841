"""Why this digit and not that one: its sentences in English, simplified and traditional Chinese."""

EN = {
    "evidence.question": "Why {label} and not {other}?",
    "evidence.question.odd": "No digit; if it were one: why {label} and not {other}?",
    "evidence.about": "Two ways to share a class's logit out among the places of the drawing. What speaks "
    "for the digit is in one colour, what speaks against it in the other; the line is the outline of the "
    "ink.",
    "evidence.others": "Compare with",
    "evidence.gap": "The logits lie {gap} nats (natural logarithms) apart: {label} is {times} times as "
    "likely as {other}.",
    "evidence.for": "for {label}",
    "evidence.over": "{label} over {other}",
    "evidence.low": "against −{limit}",
    "evidence.high": "+{limit} for",
    "evidence.integrated": "Integrated gradients",
    "evidence.integrated.about": "Ink by ink: how the logit follows each pixel while the drawing fades in "
    "from blank paper (Sundararajan, Taly and Yan 2017, eq. 1). Paper stays paper on that way, so that "
    "missing ink cannot show here.",
    "evidence.sum": "In nats a pixel. The sum of a map should be what the logit gains over blank paper: for "
    "{label} it is {sum}, should be {rise}; for {other} it is {sum2}, should be {rise2}. The integral in "
    "{steps} steps is off by {error} and {error2}.",
    "evidence.camera": "Grad-CAM of the last stage",
    "evidence.camera.about": "Place by place: the last feature maps, each weighted by how much the logit "
    "follows it (Selvaraju et al. 2017, eq. 1 and 2; here without their ReLU, so that evidence against "
    "shows). Coarse, but empty paper can speak too.",
    "evidence.camera.note": "In nats a cell of the last maps, interpolated between the middles of what the "
    "cells see. With random weights both methods must give other maps, and do: a test repeats the sanity "
    "check of Adebayo et al. 2018.",
    "evidence.nearest": "The most similar training digits",
    "evidence.nearest.about": "The nearest of {n} training images by what the classifier is given, the "
    "pooled features of the last stage. Below each its label and its distance; among the training images "
    "themselves the nearest is typically {typical} away. A frame marks another label than the answer.",
    "evidence.nearest.image": "Training digit with the label {label}",
    "evidence.nearest.missing": "There is no index of training digits for this checkpoint yet. This makes "
    "it in a few seconds; then start the page again:",
    "evidence.nearest.other": "The index of training digits beside this checkpoint is damaged or of other "
    "weights. This makes it anew; then start the page again:",
}

ZH_HANS = {
    "evidence.question": "为什么是 {label} 而不是 {other}？",
    "evidence.question.odd": "不是数字；假如是：为什么是 {label} 而不是 {other}？",
    "evidence.about": "两种方法，把某一类的 logit 分摊到图形的各个位置。一种颜色表示支持该数字，"
    "另一种表示反对；线条是墨迹的轮廓。",
    "evidence.others": "与之比较",
    "evidence.gap": "两个 logit 相差 {gap} 奈特（自然对数）：{label} 的可能性是 {other} 的 {times} 倍。",
    "evidence.for": "支持 {label}",
    "evidence.over": "{label} 胜于 {other}",
    "evidence.low": "反对 −{limit}",
    "evidence.high": "+{limit} 支持",
    "evidence.integrated": "积分梯度",
    "evidence.integrated.about": "逐个像素：图形从白纸逐渐显现时，logit 怎样随每个像素变化（Sundararajan、"
    "Taly 和 Yan 2017，式 1）。白纸处始终是白纸，所以缺少的笔画在这里显示不出来。",
    "evidence.sum": "单位：奈特每像素。一张图的总和应等于 logit 相对白纸的增量：{label} 为 {sum}，应为 "
    "{rise}；{other} 为 {sum2}，应为 {rise2}。{steps} 步积分的误差为 {error} 和 {error2}。",
    "evidence.camera": "最后阶段的 Grad-CAM",
    "evidence.camera.about": "逐个区域：最后的特征图，按 logit 对它的依赖程度加权（Selvaraju 等 2017，式 1、"
    "2；这里不用其中的 ReLU，以便看到反对的证据）。分辨率低，但空白处也能说话。",
    "evidence.camera.note": "单位：奈特每格（最后特征图的一格），在各格所见区域的中心之间插值。"
    "换成随机权重，两种方法都必须给出不同的图，事实也如此：有测试重复 Adebayo 等 2018 的合理性检验。",
    "evidence.nearest": "最相似的训练数字",
    "evidence.nearest.about": "在 {n} 张训练图像中，按分类器的输入（最后阶段池化后的特征）找出最近的几张。"
    "下面是标签和距离；训练图像彼此之间，最近的一张通常相距 {typical}。带框的表示标签与答案不同。",
    "evidence.nearest.image": "标签为 {label} 的训练数字",
    "evidence.nearest.missing": "这个检查点还没有训练数字的索引。用下面的命令几秒钟即可生成，"
    "然后重新启动页面：",
    "evidence.nearest.other": "检查点旁的训练数字索引已损坏或属于别的权重。用下面的命令重新生成，"
    "然后重新启动页面：",
}

ZH_HANT = {
    "evidence.question": "為什麼是 {label} 而不是 {other}？",
    "evidence.question.odd": "不是數字；假如是：為什麼是 {label} 而不是 {other}？",
    "evidence.about": "兩種方法，把某一類的 logit 分攤到圖形的各個位置。一種顏色表示支持該數字，"
    "另一種表示反對；線條是墨跡的輪廓。",
    "evidence.others": "與之比較",
    "evidence.gap": "兩個 logit 相差 {gap} 奈特（自然對數）：{label} 的可能性是 {other} 的 {times} 倍。",
    "evidence.for": "支持 {label}",
    "evidence.over": "{label} 勝於 {other}",
    "evidence.low": "反對 −{limit}",
    "evidence.high": "+{limit} 支持",
    "evidence.integrated": "積分梯度",
    "evidence.integrated.about": "逐個像素：圖形從白紙逐漸顯現時，logit 怎樣隨每個像素變化（Sundararajan、"
    "Taly 和 Yan 2017，式 1）。白紙處始終是白紙，所以缺少的筆畫在這裡顯示不出來。",
    "evidence.sum": "單位：奈特每像素。一張圖的總和應等於 logit 相對白紙的增量：{label} 為 {sum}，應為 "
    "{rise}；{other} 為 {sum2}，應為 {rise2}。{steps} 步積分的誤差為 {error} 和 {error2}。",
    "evidence.camera": "最後階段的 Grad-CAM",
    "evidence.camera.about": "逐個區域：最後的特徵圖，按 logit 對它的依賴程度加權（Selvaraju 等 2017，式 1、"
    "2；這裡不用其中的 ReLU，以便看到反對的證據）。解析度低，但空白處也能說話。",
    "evidence.camera.note": "單位：奈特每格（最後特徵圖的一格），在各格所見區域的中心之間內插。"
    "換成隨機權重，兩種方法都必須給出不同的圖，事實也如此：有測試重複 Adebayo 等 2018 的合理性檢驗。",
    "evidence.nearest": "最相似的訓練數字",
    "evidence.nearest.about": "在 {n} 張訓練影像中，按分類器的輸入（最後階段池化後的特徵）找出最近的幾張。"
    "下面是標籤和距離；訓練影像彼此之間，最近的一張通常相距 {typical}。帶框的表示標籤與答案不同。",
    "evidence.nearest.image": "標籤為 {label} 的訓練數字",
    "evidence.nearest.missing": "這個檢查點還沒有訓練數字的索引。用下面的命令幾秒鐘即可產生，"
    "然後重新啟動頁面：",
    "evidence.nearest.other": "檢查點旁的訓練數字索引已損壞或屬於別的權重。用下面的命令重新產生，"
    "然後重新啟動頁面：",
}
