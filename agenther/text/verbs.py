"""The verbs by which tools are named, by what they do. Closed tables: no form of a word tells a verb from a noun."""

LOOKS = frozenset(
    "look track get fetch retrieve obtain read show view list lookup find check query describe count calculate compute"
    " convert decode validate verify detect analyze analyse translate estimate compare browse explore discover inspect"
    " define identify summarize summarise".split()
)
"""Verbs that change nothing, and bring what their object names."""
CHANGES = {
    "cancel": "cancelled",
    "create": "created",
    "add": "added",
    "update": "updated",
    "delete": "deleted",
    "remove": "removed",
    "send": "sent",
    "book": "booked",
    "modify": "modified",
    "exchange": "exchanged",
    "return": "returned",
    "set": "set",
    "change": "changed",
    "submit": "submitted",
    "post": "posted",
    "save": "saved",
    "enable": "enabled",
    "disable": "disabled",
    "edit": "edited",
    "rename": "renamed",
    "move": "moved",
    "schedule": "scheduled",
    "assign": "assigned",
    "close": "closed",
    "reset": "reset",
    "upgrade": "upgraded",
}  # fmt: skip - a table reads better by pairs
"""Verbs of changes that an answer confirms in the same words, with their participles."""
_DEEDS = {
    "money": "pay buy order purchase rent charge refund reimburse redeem claim donate deposit withdraw transfer"
    " invest sell settle repay checkout authorize authorise void wire",
    "consent": "approve reject confirm accept decline deny grant revoke waive dispute apply",
    "membership": "register unregister subscribe unsubscribe enroll enrol join invite hire promote demote admit"
    " discharge attend",
    "possession": "hold renew reserve borrow lend unassign reassign allocate prescribe dispense",
    "word to others": "share publish unpublish comment report reply forward notify remind broadcast follow unfollow"
    " like unlike upvote downvote bookmark favorite favourite vote escalate acknowledge snooze",
    "transport": "ship dispatch deliver upload import",
    "switching": "activate deactivate reactivate lock unlock suspend restart reboot shutdown terminate kill deploy"
    " rollback mute unmute dim arm disarm unlink freeze unfreeze block unblock ban unban install uninstall"
    " configure mount unmount",
    "contents": "unpin amend expire invalidate provision migrate backup flush fix repair insert append merge write"
    " put place archive unarchive restore populate swap replace adjust reschedule rebook resend reorder increase"
    " decrease reduce extend clone overwrite erase wipe purge revert undo reopen",
}
DEEDS = frozenset(" ".join(_DEEDS.values()).split())
"""Verbs of other changes."""
NOUNS_TOO = frozenset(
    "book order exchange return set change post move schedule close share follow like comment report block charge ship"
    " rent hold checkout transfer reply forward purchase refund claim deposit void invite reserve bookmark favorite"
    " favourite vote import lock arm mount place archive swap wire dispute backup".split()
)
"""Verbs of changes that may just as well name a thing: the order status, the comments of a post."""
