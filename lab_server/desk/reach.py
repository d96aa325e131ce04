"""Whose records a user may see: a student the own ones, a supervisor those of the own group, others the site's."""

from sqlmodel import Session, col, false, select
from sqlmodel.sql.expression import SelectOfScalar

from lab_server.store.tables import Contact, Customer, Klass, KlassMember, LabSession, Leg, Seat, User


def group(session: Session, actor: User) -> frozenset[str] | None:
    """The classes a user belongs to, which bound what a student or supervisor sees; None: all of the site."""
    if actor.role not in {"student", "supervisor"}:
        return None
    return frozenset(session.exec(select(KlassMember.klass_id).where(KlassMember.user_id == actor.id)))


def has_class(session: Session, actor: User, klass_id: str | None) -> bool:
    """Whether a class is of the actor's site and group."""
    klass = session.get(Klass, klass_id) if klass_id is not None else None
    if klass is None or klass.site_id != actor.site_id:
        return False
    own = group(session, actor)
    return own is None or klass.id in own


def has_user(session: Session, actor: User, user: User) -> bool:
    """Whether a user is the actor, or one of the site and, for a supervisor, a student of the group."""
    if user.id == actor.id:
        return True
    if user.site_id != actor.site_id or actor.role == "student":
        return False
    own = group(session, actor)
    if own is None:
        return True
    theirs = select(KlassMember.klass_id).where(KlassMember.user_id == user.id)
    return user.role == "student" and not own.isdisjoint(session.exec(theirs).all())


def has_lab_session(session: Session, actor: User, lab: LabSession) -> bool:
    """Whether a class that was run is within reach of a teacher, a grader, or the supervisor whose group it was."""
    if lab.site_id != actor.site_id or actor.role == "student":
        return False
    own = group(session, actor)
    return own is None or lab.klass_id in own


def lab_sessions(session: Session, actor: User) -> SelectOfScalar[LabSession]:
    """The classes that were run within reach, as `has_lab_session` says: to be ordered by who asks."""
    asked = select(LabSession).where(LabSession.site_id == actor.site_id)
    if actor.role == "student":
        return asked.where(false())
    own = group(session, actor)
    return asked if own is None else asked.where(col(LabSession.klass_id).in_(own))


def contacts(actor: User) -> SelectOfScalar[Contact]:
    """The contacts a user may see: to be narrowed and ordered by who asks.

    A student sees those on which the student has an agent's leg; a supervisor also those of the group's students.
    """
    asked = select(Contact).where(Contact.site_id == actor.site_id)
    if actor.role == "student":
        return asked.where(col(Contact.id).in_(_legs_of(select(User.id).where(User.id == actor.id))))
    if actor.role == "supervisor":
        mine = select(KlassMember.klass_id).where(KlassMember.user_id == actor.id)
        people = select(KlassMember.user_id).where(col(KlassMember.klass_id).in_(mine))
        return asked.where(col(Contact.klass_id).in_(mine) | col(Contact.id).in_(_legs_of(people)))
    return asked


def customers(actor: User) -> SelectOfScalar[Customer]:
    """The customers a user may see: those of the contacts the user may see, for who is bound to these."""
    asked = select(Customer).where(Customer.site_id == actor.site_id)
    if actor.role not in {"student", "supervisor"}:
        return asked
    served = contacts(actor).with_only_columns(col(Contact.customer_id))
    return asked.where(col(Customer.id).in_(served))


def has_contact(session: Session, actor: User, contact_id: str) -> bool:
    return session.exec(contacts(actor).where(Contact.id == contact_id)).first() is not None


def has_customer(session: Session, actor: User, customer_id: str) -> bool:
    return session.exec(customers(actor).where(Customer.id == customer_id)).first() is not None


def _legs_of(people: SelectOfScalar[str]) -> SelectOfScalar[str]:
    return select(Leg.contact_id).where(col(Leg.user_id).in_(people), Leg.role == "agent")


def others_seats(session: Session, site_id: str, user_id: str) -> frozenset[str]:
    """The seats at which students sit who are of classes, but of none of the user's: what is done there is not for a
    supervisor of another group. Robots and who is in no class are everybody's."""
    own = select(KlassMember.klass_id).where(KlassMember.user_id == user_id)
    of_classes = select(KlassMember.user_id)
    of_own = select(KlassMember.user_id).where(col(KlassMember.klass_id).in_(own))
    asked = (
        select(Seat.number)
        .join(User, col(User.id) == col(Seat.user_id))
        .where(
            Seat.site_id == site_id,
            User.role == "student",
            User.id != user_id,
            col(User.id).in_(of_classes),
            col(User.id).not_in(of_own),
        )
    )
    return frozenset(session.exec(asked))
