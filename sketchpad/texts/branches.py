"""Skip against branch on the Inside tab: its sentences in English, simplified and traditional Chinese."""

EN = {
    "branches.title": "Skip against branch",
    "branches.about": "A residual block gives out x + F(x): its input x over the skip, and what its branch F "
    "makes of it (He et al. 2016a, eq. 1 and 2). Here is how much of each there is for this "
    "drawing, and what would be read without a branch.",
    "branches.block": "Stage {stage}, block {n}",
    "branches.skip": "skip ‖x‖",
    "branches.branch": "branch ‖F(x)‖",
    "branches.cosine": "cosine",
    "branches.without": "test without it",
    "branches.on": "branch",
    "branches.switch": "Branch of stage {stage}, block {n}",
    "branches.reset": "All branches on",
    "branches.key.before": "with all branches",
    "branches.key.after": "as switched",
    "branches.and": " and ",
    "branches.digit": "{label} at {share}{unsure}",
    "branches.unsure": " (not sure)",
    "branches.odd": "no digit",
    "branches.whole": "All branches are on, and the network reads {before}. Switch one off, or several.",
    "branches.same": "Without the branch of {names} the answer stays: {after}, before {before}.",
    "branches.changed": "Without the branch of {names} the answer changes: {after} instead of {before}.",
    "branches.norms": "‖ ‖ is the length of all numbers taken together as one vector. The cosine compares "
    "directions: 1 says more of the same, 0 writes something new beside it, below 0 takes something "
    "away. With nothing but additions on the way, signals and gradients would reach every block directly "
    "(He et al. 2016b, eq. 4 and 5); here a ReLU follows each addition, as in He et al. 2016a.",
    "branches.veit": "Switched off, a branch adds zeros, and the skip alone goes on. {blocks} blocks "
    "make {paths} paths from the drawing to the answer; in deep residual networks most "
    "branches can go one at a time without much harm, since the other paths remain (Veit et al. 2016, "
    "sec. 4.1). The shallower the network, the more each counts.",
    "branches.dense": "A dense layer adds nothing: its branch makes new channels and puts them beside the "
    "old ones (Huang et al. 2017), so that there is no angle between the two. Switched off, the new channels "
    "are zeros.",
    "branches.plain": "This network has no skips: nothing stands beside its branches to compare them "
    "with, and without one there would be no way through (He et al. 2016a, sec. 4.1, on plain "
    "networks).",
    "branches.ablation": "“Test without it” is the accuracy over {n} MNIST test images with the branch of "
    "that one block switched off; with all of them it is {whole}.",
}

ZH_HANS = {
    "branches.title": "旁路与分支之比",
    "branches.about": "残差模块输出 x + F(x)：旁路送来输入 x，分支 F 给出由它学到的部分"
    "（He 等 2016a，式 1、2）。这里显示对这个图形两者各有多少，以及没有某个分支时会读出什么。",
    "branches.block": "阶段 {stage}，模块 {n}",
    "branches.skip": "旁路 ‖x‖",
    "branches.branch": "分支 ‖F(x)‖",
    "branches.cosine": "余弦",
    "branches.without": "去掉后的测试",
    "branches.on": "分支",
    "branches.switch": "阶段 {stage}，模块 {n} 的分支",
    "branches.reset": "打开全部分支",
    "branches.key.before": "全部分支",
    "branches.key.after": "按开关",
    "branches.and": "和",
    "branches.digit": "{label}（{share}{unsure}）",
    "branches.unsure": "，但不确定",
    "branches.odd": "不是数字",
    "branches.whole": "分支全部打开，网络读出 {before}。试着关掉一个或几个。",
    "branches.same": "没有{names}的分支，答案不变：{after}，原为 {before}。",
    "branches.changed": "没有{names}的分支，答案改变：{after}，而不是 {before}。",
    "branches.norms": "‖ ‖ 是把所有数看作一个向量时的长度。余弦比较方向：1 是加强原有的，0 是在旁边写入新的，"
    "小于 0 是减去一些。如果路上只有加法，信号和梯度就能直接到达每个模块（He 等 2016b，式 4、5）；"
    "这里每次相加之后还有 ReLU，与 He 等 2016a 相同。",
    "branches.veit": "关掉的分支只加零，只有旁路继续向前。{blocks} 个模块构成从图形到答案的 {paths} 条路径；"
    "在很深的残差网络里，多数分支可以单独去掉而无大碍，因为其余路径还在（Veit 等 2016，第 4.1 节）。"
    "网络越浅，每个分支就越重要。",
    "branches.dense": "稠密层不做加法：分支产生新通道，并排放在旧通道旁（Huang 等 2017），"
    "所以两者之间没有夹角。关掉后，新通道全为零。",
    "branches.plain": "这个网络没有旁路：分支旁边没有可以比较的，去掉分支就没有路可走"
    "（He 等 2016a，第 4.1 节，普通网络）。",
    "branches.ablation": "“去掉后的测试”是只关掉该模块的分支时，在 {n} 张 MNIST 测试图像上的准确率；"
    "全部打开时为 {whole}。",
}

ZH_HANT = {
    "branches.title": "旁路與分支之比",
    "branches.about": "殘差模組輸出 x + F(x)：旁路送來輸入 x，分支 F 給出由它學到的部分"
    "（He 等 2016a，式 1、2）。這裡顯示對這個圖形兩者各有多少，以及沒有某個分支時會讀出什麼。",
    "branches.block": "階段 {stage}，模組 {n}",
    "branches.skip": "旁路 ‖x‖",
    "branches.branch": "分支 ‖F(x)‖",
    "branches.cosine": "餘弦",
    "branches.without": "去掉後的測試",
    "branches.on": "分支",
    "branches.switch": "階段 {stage}，模組 {n} 的分支",
    "branches.reset": "打開全部分支",
    "branches.key.before": "全部分支",
    "branches.key.after": "依開關",
    "branches.and": "和",
    "branches.digit": "{label}（{share}{unsure}）",
    "branches.unsure": "，但不確定",
    "branches.odd": "不是數字",
    "branches.whole": "分支全部打開，網路讀出 {before}。試著關掉一個或幾個。",
    "branches.same": "沒有{names}的分支，答案不變：{after}，原為 {before}。",
    "branches.changed": "沒有{names}的分支，答案改變：{after}，而不是 {before}。",
    "branches.norms": "‖ ‖ 是把所有數看作一個向量時的長度。餘弦比較方向：1 是加強原有的，0 是在旁邊寫入新的，"
    "小於 0 是減去一些。如果路上只有加法，訊號和梯度就能直接到達每個模組（He 等 2016b，式 4、5）；"
    "這裡每次相加之後還有 ReLU，與 He 等 2016a 相同。",
    "branches.veit": "關掉的分支只加零，只有旁路繼續向前。{blocks} 個模組構成從圖形到答案的 {paths} 條路徑；"
    "在很深的殘差網路裡，多數分支可以單獨去掉而無大礙，因為其餘路徑還在（Veit 等 2016，第 4.1 節）。"
    "網路越淺，每個分支就越重要。",
    "branches.dense": "稠密層不做加法：分支產生新通道，並排放在舊通道旁（Huang 等 2017），"
    "所以兩者之間沒有夾角。關掉後，新通道全為零。",
    "branches.plain": "這個網路沒有旁路：分支旁邊沒有可以比較的，去掉分支就沒有路可走"
    "（He 等 2016a，第 4.1 節，普通網路）。",
    "branches.ablation": "「去掉後的測試」是只關掉該模組的分支時，在 {n} 張 MNIST 測試影像上的準確率；"
    "全部打開時為 {whole}。",
}
