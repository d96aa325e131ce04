"""Connecting, transferring, holding, recording, and what is said when no connection comes about."""

PHRASES = {
    "connecting": ("正在为您接通，请稍等。", "Please hold, I'm connecting you."),
    "transferring": ("正在为您转接，请不要挂机。", "I'm transferring you now. Please stay on the line."),
    "transfer-busy": ("对方正忙，暂时无法转接。", "The other line is busy, so I can't put this call through."),
    "transfer-no-answer": ("对方没有接听，暂时无法转接。", "There's no answer, so I can't put this call through."),
    "transfer-failed": ("转接没有成功。", "The transfer didn't work."),
    "transfer-back": (
        "对方没有接听，为您接回刚才的坐席，请稍等。",
        "There was no answer. I'm taking you back to the agent you were speaking to. Please hold.",
    ),
    "transfer-returned": ("转接没有成功，客户已经接回。", "The transfer didn't work, and you have the caller back."),
    "on-hold": ("请您稍等，不要挂机。", "Please stay on the line. I won't be long."),
    "hold-over": ("谢谢您的等候。", "Thank you for waiting."),
    "three-way-joined": ("第三方已经加入通话。", "A third person has joined the call."),
    "three-way-left": ("第三方已经离开通话。", "The third person has left the call."),
    "line-lost": (
        "对不起，和坐席的连接断了，正在为您重新接通，请不要挂机。",
        "Sorry, we lost the agent's line. I'm finding you someone else, so please stay on the line.",
    ),
    "seat-busy": ("对不起，您拨的坐席正在通话中。", "Sorry, that agent is on another call."),
    "seat-wrap-up": (
        "对不起，您拨的坐席正在处理上一个电话，请稍等。",
        "Sorry, that agent is just finishing up the last call. Please hold.",
    ),
    "seat-do-not-disturb": ("对不起，您拨的坐席现在不接电话。", "Sorry, that agent isn't taking calls just now."),
    "seat-off": ("对不起，您拨的坐席没有上班。", "Sorry, that agent isn't at work."),
    "no-such-extension": (
        "对不起，您拨的分机号码不存在，请核对后再拨。",
        "Sorry, there's no such extension. Please check the number and dial again.",
    ),
    "finish-first": (
        "您还没有完成上一个电话的话后处理，请先处理完再拨。",
        "You haven't finished with your last call yet. Please finish that first, then dial again.",
    ),
    "call-waiting-refused": (
        "对不起，您拨的用户正在通话中，请稍后再拨。",
        "Sorry, the person you're calling is on the phone. Please try again later.",
    ),
    "number-busy": ("您拨的号码正忙。", "The number you dialled is busy."),
    "number-no-answer": ("您拨的号码没有人接听。", "There's no answer from the number you dialled."),
    "number-wrong": ("您拨的号码不存在，请核对后再拨。", "The number you dialled doesn't exist. Please check it."),
    "number-forbidden": ("对不起，您没有拨打这个号码的权限。", "Sorry, you aren't allowed to call that number."),
    "dialling-next-number": ("正在拨打客户的下一个号码。", "I'm trying the customer's next number."),
    "customer-ringing": ("正在呼叫客户，请稍等。", "I'm calling the customer. Please hold."),
    "lines-broken": (
        "对不起，线路出现故障，现在无法接听您的电话，请您稍后再拨。",
        "Sorry, our lines are out of order, and we can't take your call. Please call back later.",
    ),
    "no-line": (
        "对不起，现在没有可用的外线，请稍后再拨。",
        "Sorry, there's no outside line free. Please try again later.",
    ),
    "recording-on": ("本次通话开始录音。", "This call is now being recorded."),
    "recording-off": ("录音已经停止。", "The recording has stopped."),
    "earlier-recording": ("下面为您播放以前的通话录音。", "You'll now hear a recording of an earlier call."),
    "earlier-recording-over": ("录音播放完了。", "That's the end of the recording."),
    "earlier-recording-none": ("没有找到这段录音。", "I can't find that recording."),
    "satisfaction": (
        "请不要挂机，请为这次服务打分：非常满意请按5，满意请按4，一般请按3，不满意请按2，非常不满意请按1。",
        "Please stay on the line and tell us how we did. Press 5 for excellent, 4 for good, 3 for fair, 2 for poor, "
        "or 1 for very poor.",
    ),
    "satisfaction-solved": (
        "您的问题解决了吗？解决了请按1，没有解决请按2。",
        "Did we solve your problem? Press 1 for yes, or 2 for no.",
    ),
    "taken-down": ("通话已经由班长结束，再见。", "This call has been ended by a supervisor. Goodbye."),
    "time-up": ("通话时间到了，再见。", "This call has reached its time limit. Goodbye."),
}
