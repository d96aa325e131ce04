"""Customers, tickets, orders and the catalogue as pages; each of them also beside a call on the desk."""

from fastapi import APIRouter

from web.access import Access
from web.frame import Frame
from web.records import customer, customers, files, goods, merging, order, orders, remarks, sheet, ticket, tickets


def routes(access: Access, frame: Frame) -> list[APIRouter]:
    """Every router of these pages. What has a name of its own (`/customers/new`) comes before what has an id."""
    pages = (customers, sheet, merging, customer, tickets, files, remarks, ticket, orders, order, goods)
    return [page.routes(access, frame) for page in pages]
