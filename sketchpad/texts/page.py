"""What stands around the tabs: its sentences in English, simplified and traditional Chinese."""

EN = {
    "page.title": "ResNet Sketchpad",
    "page.tagline": "Draw a digit. A residual network reads it while your pen is still moving.",
    "page.language": "Language",
    "page.privacy": "Nothing you draw is stored: it is read and forgotten. "
    "The server keeps counts and times, no drawings.",
    "tab.Draw": "Draw",
    "tab.Inside": "Inside",
    "tab.Architectures": "Architectures",
    "tab.Training": "Training",
}

ZH_HANS = {
    "page.title": "ResNet 手写板",
    "page.tagline": "写一个数字。笔还没停，残差网络就已经在读了。",
    "page.language": "语言",
    "page.privacy": "您写的内容不会被保存：读完即忘。服务器只记录次数和时间，不记录笔迹。",
    "tab.Draw": "书写",
    "tab.Inside": "内部",
    "tab.Architectures": "网络结构",
    "tab.Training": "训练记录",
}

ZH_HANT = {
    "page.title": "ResNet 手寫板",
    "page.tagline": "寫一個數字。筆還沒停，殘差網路就已經在讀了。",
    "page.language": "語言",
    "page.privacy": "您寫的內容不會被保存：讀完即忘。伺服器只記錄次數和時間，不記錄筆跡。",
    "tab.Draw": "書寫",
    "tab.Inside": "內部",
    "tab.Architectures": "網路架構",
    "tab.Training": "訓練紀錄",
}
