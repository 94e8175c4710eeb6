from amparo.accounts.models.audit_entry import AuditEntry
from amparo.accounts.models.audit_seal import AuditSeal
from amparo.accounts.models.user import Role, StaffRole, User

__all__ = ["AuditEntry", "AuditSeal", "Role", "StaffRole", "User"]
