"""A district and its members to add up: folders of tables with values in some cells."""

import builds
from nianbao.inputs import formfile, scaffold, tables

FORMS = formfile.shipped()
YEAR = 2025
LICENCES, FEES, DASH = ("licensing", "decisions"), ("fees", "amount"), "-"
TOWNS = {"north": "北镇", "south": "南镇", "office": "区政府办公室"}


def put(project, unit, values=None, *, members=None, form="national-2021", year=YEAR, filling="0"):
    """Put a table of zeros into *project*, with *values* in some cells, and *members* declared in report.yaml."""
    begun = scaffold.begin(FORMS, unit, year, scaffold.Wishes(form=form, name=f"{unit}镇", province="吉林省"))
    folder = project / "params" / unit / str(year)
    folder.mkdir(parents=True)
    for name, text in begun.files.items():
        (folder / name).write_text(text, "utf-8", newline="")
    fill(folder, values or {}, form=form, year=year, filling=filling)
    declare(folder, members or {})
    return folder


def fill(folder, values, *, form="national-2021", year=YEAR, filling="0"):
    """Write the tables of *folder* anew."""

    def value(row, column):
        return values.get((row.id, column.id), DASH if column.id in row.not_applicable else filling)

    for table in FORMS[form].tables:
        (folder / f"{table.id}.csv").write_bytes(tables.written(table, year, value))


def declare(folder, members):
    """Write *members* into report.yaml, which has none yet."""
    lines = "".join(f"  {unit}: {name}\n" for unit, name in members.items())
    builds.replace(folder / "report.yaml", "members: {}", f"members:\n{lines}" if lines else "members: {}")


def district(made):
    """Put into *made* a district of three members with different numbers, and its own table that agrees with their sum."""
    put(made, "north", {LICENCES: "30", FEES: "1.05"})
    put(made, "south", {LICENCES: "12", FEES: "0.5"})
    put(made, "office", {LICENCES: "4", FEES: "-"})
    put(made, "district", {LICENCES: "46", FEES: "1.55"}, members=TOWNS)
    return made
