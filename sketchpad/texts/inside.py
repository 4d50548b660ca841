"""The Inside tab's frame: its sentences in English, simplified and traditional Chinese."""

EN = {
    "inside.title": "Inside the network",
    "inside.about": "What the residual network does with the drawing on the pad, step by step.",
    "inside.blank": "Draw something on the Draw tab first.",
    "inside.seam": "What the network sees",
    "inside.digits": "The digits of the drawing: choose one to look at",
    "inside.silent": "The server did not answer. The next change of the drawing asks again.",
}

ZH_HANS = {
    "inside.title": "网络内部",
    "inside.about": "残差网络怎样一步步处理手写板上的图形。",
    "inside.blank": "请先在“书写”页上写点什么。",
    "inside.seam": "网络看到的图像",
    "inside.digits": "图形中的各个数字：点选一个来查看",
    "inside.silent": "服务器没有回应。图形下次改动时会再次询问。",
}

ZH_HANT = {
    "inside.title": "網路內部",
    "inside.about": "殘差網路怎樣一步步處理手寫板上的圖形。",
    "inside.blank": "請先在「書寫」頁上寫點什麼。",
    "inside.seam": "網路看到的影像",
    "inside.digits": "圖形中的各個數字：點選一個來查看",
    "inside.silent": "伺服器沒有回應。圖形下次改動時會再次詢問。",
}
