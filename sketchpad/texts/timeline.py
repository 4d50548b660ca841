"""When did it know? Its sentences in English, simplified and traditional Chinese."""

EN = {
    "timeline.title": "When did it know?",
    "timeline.about": "Time is the way that the pen has gone. The lines are the ten probabilities, if it "
    "were a digit that far; below them stands what the pad would have answered, ? for no digit. Scrub, or "
    "replay the drawing.",
    "timeline.picture": "Only strokes have a time: a picture is there all at once.",
    "timeline.settled": "Settled at {share} of the pen's way: from there on the answer is {answer}. The "
    "way there: {way}",
    "timeline.always": "From the first piece of the line to the last the answer is {answer}.",
    "timeline.none": "no digit",
    "timeline.now": "At {share} of the way: {label}, {probability}.",
    "timeline.now.none": "At {share} of the way: no digit. If it were one: {label}, {probability}.",
    "timeline.play": "Replay the drawing",
    "timeline.pause": "Pause",
    "timeline.scrub": "Place on the pen's way",
    "timeline.drawn": "The drawing so far",
    "timeline.seen": "What the network sees of it",
    "timeline.note": "Each piece is read as if the pen had been lifted there: fitted to the network's box "
    "and centred, so that a small beginning looks large. How fast the pen went and where it rested is not "
    "recorded.",
}

ZH_HANS = {
    "timeline.title": "它是什么时候知道的？",
    "timeline.about": "时间就是笔走过的路程。线条是假如写到这里就是一个数字时十个数字的概率；"
    "下面是手写板到那时会给出的回答，? 表示不是数字。可以拖动，也可以重放书写过程。",
    "timeline.picture": "只有笔画才有时间：图片是一下子出现的。",
    "timeline.settled": "笔走到 {share} 时定了下来：从那里起答案一直是 {answer}。经过：{way}",
    "timeline.always": "从第一段线到最后一段，答案一直是 {answer}。",
    "timeline.none": "不是数字",
    "timeline.now": "走到 {share}：{label}，{probability}。",
    "timeline.now.none": "走到 {share}：不是数字。如果是数字：{label}，{probability}。",
    "timeline.play": "重放书写过程",
    "timeline.pause": "暂停",
    "timeline.scrub": "笔走过的位置",
    "timeline.drawn": "到此为止的图形",
    "timeline.seen": "网络看到的样子",
    "timeline.note": "每一段都当作笔在那里抬起来读：缩放到网络的方框并居中，所以开头很小的一段看起来很大。"
    "笔的快慢和停顿没有记录。",
}

ZH_HANT = {
    "timeline.title": "它是什麼時候知道的？",
    "timeline.about": "時間就是筆走過的路程。線條是假如寫到這裡就是一個數字時十個數字的機率；"
    "下面是手寫板到那時會給出的回答，? 表示不是數字。可以拖動，也可以重播書寫過程。",
    "timeline.picture": "只有筆畫才有時間：圖片是一下子出現的。",
    "timeline.settled": "筆走到 {share} 時定了下來：從那裡起答案一直是 {answer}。經過：{way}",
    "timeline.always": "從第一段線到最後一段，答案一直是 {answer}。",
    "timeline.none": "不是數字",
    "timeline.now": "走到 {share}：{label}，{probability}。",
    "timeline.now.none": "走到 {share}：不是數字。如果是數字：{label}，{probability}。",
    "timeline.play": "重播書寫過程",
    "timeline.pause": "暫停",
    "timeline.scrub": "筆走過的位置",
    "timeline.drawn": "到此為止的圖形",
    "timeline.seen": "網路看到的樣子",
    "timeline.note": "每一段都當作筆在那裡抬起來讀：縮放到網路的方框並置中，所以開頭很小的一段看起來很大。"
    "筆的快慢和停頓沒有記錄。",
}
