"""What stands around the tabs: its sentences in English, simplified and traditional Chinese."""

EN = {
    "page.title": "ResNet Sketchpad",
    "page.tagline": "Draw a digit. A residual network reads it while your pen is still moving.",
    "page.language": "Language",
    "tab.Draw": "Draw",
    "tab.Inside": "Inside",
    "tab.Architectures": "Architectures",
    "tab.Training": "Training",
}

ZH_HANS = {
    "page.title": "ResNet 手写板",
    "page.tagline": "写一个数字。笔还没停，残差网络就已经在读了。",
    "page.language": "语言",
    "tab.Draw": "书写",
    "tab.Inside": "内部",
    "tab.Architectures": "网络结构",
    "tab.Training": "训练记录",
}

ZH_HANT = {
    "page.title": "ResNet 手寫板",
    "page.tagline": "寫一個數字。筆還沒停，殘差網路就已經在讀了。",
    "page.language": "語言",
    "tab.Draw": "書寫",
    "tab.Inside": "內部",
    "tab.Architectures": "網路架構",
    "tab.Training": "訓練紀錄",
}
