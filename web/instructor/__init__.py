"""What teachers and admins look after: classes, their lists, people, the audit trail."""
