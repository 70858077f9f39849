"""proof/lint: gathers the Dockerfiles, asks both programs, and compares what they say."""

import collections
import json
import pathlib
import re
import subprocess
import sys

WORK, HADOLINT, SEAWORTHY = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
PROOF = pathlib.Path(__file__).resolve().parent
PAGES = PROOF.parent / "crates/engine/src/rules/dockerfile"
ONLY_OF = {"DL3012": "HEALTHCHECK", "DL4003": "CMD", "DL4004": "ENTRYPOINT"}
# What both are told of registries.
TRUSTED = ["docker.io", "*.example.com"]
# The labels whose form the OCI has, which need no schema here.
OCI = """\
  org.opencontainers.image.url: url
  org.opencontainers.image.source: url
  org.opencontainers.image.documentation: url
  org.opencontainers.image.created: rfc3339
  org.opencontainers.image.licenses: spdx
"""


def schema(settings):
    """The schema of labels that hadolint is to have: that of a case's `config/seaworthy.yml`, else the OCI's."""
    if "label_schema:" not in settings:
        return f"label-schema:\n{OCI}ignored: [DL3049]\n"
    return settings.replace("label_schema:", "label-schema:").replace("strict_labels:", "strict-labels:")


def cases():
    """Each Dockerfile with its name and the settings beside it: of a page's case, of an app, and of lint.cases."""
    for page in sorted(PAGES.glob("*.md")):
        number = 0
        for case in re.split(r"^### ", page.read_text(), flags=re.M)[1:]:
            settings = re.search(r"^```yaml config/seaworthy.yml\n(.*?)^```$", case, re.M | re.S)
            settings = settings[1] if settings and "label_schema:" in settings[1] else ""
            for text in re.findall(r"^```dockerfile Dockerfile\n(.*?)^```$", case, re.M | re.S):
                number += 1
                yield f"{page.stem.replace('_', '-')}/{number}", text, settings
    for path in sorted((WORK / "apps").rglob("Dockerfile")):
        yield str(path.relative_to(WORK / "apps").parent), path.read_text(), ""
    name, lines = None, []
    for line in (PROOF / "lint.cases").read_text().splitlines() + ["== "]:
        if line.startswith("== "):
            if name:
                yield name, "\n".join(lines) + "\n", ""
            name, lines = line[3:].strip(), []
        elif name:
            lines.append(line)


def starts(text):
    """The line of the instruction that each line belongs to."""
    found, start, is_open, ends = [], 0, False, []
    for number, line in enumerate(text.splitlines(), 1):
        says = line.strip() and not line.lstrip().startswith("#")
        if ends:
            if line.strip() == ends[0]:
                ends.pop(0)
        elif is_open:
            is_open = line.rstrip().endswith("\\") if says else True
        elif says:
            start, is_open = number, line.rstrip().endswith("\\")
            if re.match(r"\s*(RUN|COPY|ADD)\b", line):
                ends = re.findall(r"(?<!<)<<-?[\"']?(\w+)", line)
        found.append(start)
    return found


def named(code):
    """Names that mean the same here."""
    return "SC1xxx" if code.startswith("SC1") else "SC2112" if code == "SC2113" else code


def run(command):
    return subprocess.run(command, capture_output=True, text=True)


texts, files = {}, {}
groups = collections.defaultdict(list)
for number, (name, text, settings) in enumerate(cases()):
    file = f"f{number}.Dockerfile"
    texts[file], files[file] = text, name
    groups[settings].append(file)
twice = [name for name, count in collections.Counter(files.values()).items() if count > 1]
if twice:
    sys.exit(f"two Dockerfiles have one name: {twice}")

said_by_hadolint, unread, ours = set(), set(), set()
for number, (settings, group) in enumerate(groups.items()):
    tree = WORK / f"tree{number}"
    (tree / "config").mkdir(parents=True)
    (tree / "config/application.rb").touch()
    trusted = f"trusted_registries: {json.dumps(TRUSTED)}\n"
    (tree / "config/seaworthy.yml").write_text(trusted + settings)
    override = "override:\n  info: [DL3057]\n"
    trusted = trusted.replace("trusted_registries", "trustedRegistries")
    (tree / "hadolint.yaml").write_text(trusted + override + schema(settings))
    for file in group:
        (tree / file).write_text(texts[file])
        command = [HADOLINT, "--config", tree / "hadolint.yaml", "--format", "json", "--no-fail", tree / file]
        result = run(command)
        findings = json.loads(result.stdout) if result.stdout.strip() else [{"code": "DL1000"}]
        if any(finding["code"] == "DL1000" for finding in findings):
            unread.add(file)
            continue
        said_by_hadolint |= {(file, named(finding["code"]), finding["line"]) for finding in findings}

    command = [SEAWORTHY, "-C", tree, "check", "--pedantic", "--select", "dockerfile", "--format", "json"]
    result = run(command)
    if result.returncode not in (0, 1):
        sys.exit(result.stderr)
    for finding in json.loads(result.stdout)["findings"]:
        file = finding["path"]
        line = starts(texts[file])[finding["line"] - 1]
        keyword = texts[file].splitlines()[line - 1].split()[0].upper()
        codes = [code for code in finding["aliases"] if re.match(r"(DL|SC)\d", code)]
        # One rule of ours is several of hadolint's, one for each instruction.
        codes = [code for code in codes if ONLY_OF.get(code, keyword) == keyword]
        ours |= {(file, named(code), line) for code in codes}

known = set()
for rule in PAGES.glob("*.rs"):
    known |= {named(code) for code in re.findall(r'"((?:DL|SC)\d+)"', rule.read_text())}

theirs = {said for said in said_by_hadolint if said[1] in known}
ours = {said for said in ours if said[1] in known and said[0] not in unread}
shell = collections.defaultdict(set)
for file, code, line in said_by_hadolint:
    if code.startswith("SC"):
        shell[(file, line)].add(code)
is_beside = lambda said: said[1].startswith("SC") and shell[(said[0], said[2])] - {said[1]}

found = {(files[file], code, str(line), "hadolint") for file, code, line in theirs - ours}
found |= {
    (files[said[0]], said[1], str(said[2]), "seaworthy") for said in ours - theirs if not is_beside(said)
}
explained = []
for line in (PROOF / "lint.differences").read_text().splitlines():
    if line and not line.startswith("#"):
        explained.append(tuple(line.split("\t")[:4]))
        if len(line.split("\t")) != 5:
            sys.exit(f"no difference with its reason: {line}")


def is_meant(row, other):
    return all(field in ("*", own) for own, field in zip(row, other))


unexplained = sorted(row for row in found if not any(is_meant(row, other) for other in explained))
gone = sorted(other for other in explained if not any(is_meant(row, other) for row in found))
print(f"Dockerfiles: {len(files)}, of which hadolint cannot read {len(unread)}:", *sorted(files[file] for file in unread))
print(f"rules compared: {len(known)}; both say {len(theirs & ours)}, differences {len(found)}, explained by {len(explained)} lines")
silent = sorted(known - {said[1] for said in theirs & ours})
print("rules that nothing was said of by both:", *silent)
for title, these in (("not explained", unexplained), ("explained, and gone", gone)):
    for row in these:
        print(title, *row, sep="\t")
sys.exit(bool(unexplained or gone))
