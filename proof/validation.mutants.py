"""Writes configurations that are wrong, or may be, one below the other's folder: what proof/validation
gives to Kamal and to seaworthy.

    validation.mutants.py APPS CASES FOLDER [KAMAL]

KAMAL is the release that the bundle locks; without it there is no bundle, and the newest is meant.
From each app: every key left out, misspelt, empty, and set to values of other kinds. From the table of
keys: every key set to values of every kind, by a destination that lies on top of an app. From CASES:
destinations that break one condition each. The name of a mutant says what was done to what; the last
line for each is `NAME` or `NAME:DESTINATION`.
"""

import json
import re
import sys
import tomllib
from pathlib import Path

# The apps for releases from this one on; the last has roles for web and jobs, and an accessory.
APPS = {
    (1, 9): ["kamal-1", "kamal-1-with-mysql-and-valkey", "kamal-1-with-a-role-for-jobs"],
    (2, 0): ["docker-hub", "kamal-2-3-with-a-certificate-of-one-s-own", "kamal-2-3-with-a-registry"],
    (2, 8): ["docker-hub", "a-certificate-of-one-s-own-on-several-servers", "a-role-for-jobs"],
}
TABLE = "crates/engine/knowledge/tables/kamal.toml"
VALUES = {
    "nothing": "", "text": "words", "number": "42", "float": "1.5",
    "true": "true", "false": "false", "date": "2026-11-28", "list": "[one, two]", "empty-list": "[]",
    "list-of-mappings": "[{one: two}]", "mapping": "{one: two}", "mapping-of-nothing": "{one: }",
    "blank": '" "',
}
# Kinds that are set where a key of an app is; the table's keys get all of them.
FEW = ["nothing", "text", "number", "list", "mapping", "blank"]
LOCK = "GEM\n  specs:\n    kamal ({})\n\nDEPENDENCIES\n  kamal\n"
KEY = re.compile(r'^( *)(?:- )?([A-Za-z0-9_-]+):(?: |$)(.*)$')


def keys(lines):
    """The keys of a file that init wrote, with the lines of each: (path, first, last)."""
    found, path = [], []
    for number, line in enumerate(lines):
        match = KEY.match(line)
        if not match or line.lstrip().startswith(("#", "- ")):
            continue
        depth = len(match[1])
        path = [(other, name) for other, name in path if other < depth] + [(depth, match[2])]
        last = number + 1
        while last < len(lines):
            text = lines[last]
            if text.strip() and not text.lstrip().startswith("#"):
                inner = len(text) - len(text.lstrip())
                # A list may be as deep as its key.
                if inner < depth or (inner == depth and not text.lstrip().startswith("- ")):
                    break
            last += 1
        found.append((".".join(name for _, name in path), number, last))
    return found


def misspelt(name):
    return name[:-2] + name[-1] + name[-2] if len(name) > 2 and name[-1] != name[-2] else name + "s"


def main(apps, cases, folder, kamal=None):
    mutants = {}
    release = tuple(map(int, kamal.split("."))) if kamal else max(APPS)
    *changed, extended = APPS[max(first for first in APPS if first <= release)]

    def add(name, base, overlay=None):
        name = re.sub(r"[^A-Za-z0-9_.=-]+", "-", name)
        assert name not in mutants, name
        mutants[name] = (base, overlay)

    for app in changed:
        base = (apps / app / "config/deploy.yml").read_text()
        lines = base.splitlines()
        add(f"{app}=whole", base)
        for path, first, last in keys(lines):
            before, line, after = lines[:first], lines[first], lines[last:]
            indent, name = KEY.match(line).group(1, 2)
            text = lambda changed: "\n".join(before + changed + after) + "\n"
            add(f"{app}={path}=left-out", text([]))
            other = line.replace(f"{name}:", f"{misspelt(name)}:", 1)
            add(f"{app}={path}=misspelt", text([other] + lines[first + 1:last]))
            for kind in FEW:
                add(f"{app}={path}={kind}", text([f"{indent}{name}: {VALUES[kind]}".rstrip()]))

    # With the hosts in a section of their own, other keys of the role can be laid on top.
    base = re.sub(r"(\n  web:)\n    (- [0-9.]+)", r"\1\n    hosts:\n      \2",
                  (apps / extended / "config/deploy.yml").read_text())
    table = tomllib.loads(Path(TABLE).read_text())["key"]
    likes = {row["like"]: row["path"] for row in table if "like" in row}
    paths = []
    for row in table:
        paths.append(row["path"])
        section = row["path"].split(".")[0]
        # What a section has, those that are like it have as well: one key of each is enough.
        for other in [r for r in table if r.get("like") == section and row["path"].count(".") == 1]:
            paths.append(other["path"] + row["path"][len(section):])
    for path in dict.fromkeys(paths):
        names = [{"servers": "web", "accessories": "db", "aliases": "console", "tags": "west"}.get(parent, "ANY")
                 if name == "*" else name
                 for parent, name in zip([""] + path.split("."), path.split("."))]
        copied = path not in {row["path"] for row in table}
        for kind, value in VALUES.items():
            if copied and kind not in ("nothing", "list"):
                continue
            overlay = " {".join(f"{name}:" for name in names) + f" {value} " + "}" * (len(names) - 1)
            add(f"table={path}={kind}", base, overlay + "\n")

    for block in cases.read_text().split("\n--- ")[1:]:
        title, overlay = block.split("\n", 1)
        add(f"case={title.strip()}", base, overlay)

    for name, (base, overlay) in sorted(mutants.items()):
        config = folder / name / "config"
        config.mkdir(parents=True)
        (config / "application.rb").write_text("")
        (config / "deploy.yml").write_text(base)
        if kamal:
            (folder / name / "Gemfile.lock").write_text(LOCK.format(kamal))
        if overlay is not None:
            (config / "deploy.mutant.yml").write_text(overlay)
        print(name if overlay is None else f"{name}:mutant")


main(*map(Path, sys.argv[1:4]), *sys.argv[4:])
