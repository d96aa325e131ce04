"""What a school's desk begins with: categories, dispositions, talk scripts, articles, forms, the catalogue.

Our own texts, in both languages. A school changes them on its pages; nothing here knows a database.
"""
