"""The parts of proof/checks: the corpus, the images that it starts from, and the comparison."""

import json
import pathlib
import re
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
RULES = ROOT / "crates/engine/src/rules/dockerfile"
TABLE = ROOT / "crates/engine/knowledge/tables/images.toml"
# It needs the image itself, see docs/field-notes.md.
UNDECIDED = {"InvalidBaseImagePlatform"}
# Golden apps share most of their Dockerfiles.
WRITTEN = []
DIRECTIVE = re.compile(r"^#\s*(syntax|check|escape)\s*=", re.I)


def without_syntax(text):
    lines = text.splitlines(keepends=True)
    head = next((at for at, line in enumerate(lines) if not DIRECTIVE.match(line)), len(lines))
    kept = [line for line in lines[:head] if not re.match(r"^#\s*syntax\s*=", line, re.I)]
    return "".join(kept + lines[head:])


def is_dockerfile(path):
    return pathlib.PurePath(path).name.lower() in ("dockerfile", "containerfile")


def write(corpus, name, files):
    """Writes a case of the corpus, and beside it which of its files is built."""
    dockerfile = next((path for path in files if is_dockerfile(path)), None)
    if dockerfile is None or files in WRITTEN:
        return
    WRITTEN.append(dict(files))
    files.setdefault("config/application.rb", "")
    if dockerfile != "Dockerfile":
        files.setdefault("config/deploy.yml", f"builder:\n  dockerfile: {dockerfile}\n")
    for path, text in files.items():
        target = corpus / name / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(without_syntax(text) if path == dockerfile else text)
    (corpus / f"{name}.path").write_text(dockerfile)


def corpus(apps, target):
    target.mkdir()
    for app in sorted(path.parent for path in apps.rglob("WRITTEN")):
        names = ("Dockerfile", ".dockerignore")
        files = {name: (app / name).read_text() for name in names if (app / name).exists()}
        write(target, "golden-" + str(app.relative_to(apps)).replace("/", "-"), files)
    for page in sorted(RULES.glob("*.md")):
        cases = re.split(r"^### (.*)$", page.read_text(), flags=re.M)[1:]
        for number, text in enumerate(cases[1::2], 1):
            files = dict(re.findall(r"^```\w+ (\S+)\n(.*?)^```$", text, flags=re.M | re.S))
            files.pop("fix", None)
            write(target, f"page-{page.stem}-{number}", files)
    cases = re.split(r"^=== (.*)\n", (ROOT / "proof/checks.cases").read_text(), flags=re.M)[1:]
    for name, text in zip(cases[::2], cases[1::2]):
        parts = re.split(r"^--- (.*)\n", text, flags=re.M)
        files = {"Dockerfile": parts[0].rstrip("\n") + "\n"}
        files.update(zip(parts[1::2], parts[2::2]))
        write(target, name, files)


def images(corpus):
    """The names that FROM and --from may mean, with the variables that the official ones set."""
    variables = tomllib.loads(TABLE.read_text())
    found = set()
    for path in sorted(corpus.glob("*.path")):
        text = (path.with_suffix("") / path.read_text()).read_text()
        values = dict(re.findall(r"^ARG (\w+)=(\S+)", text, flags=re.M | re.I))
        words = re.findall(r"^FROM\s+(?:--\S+\s+)*(\S+)", text, flags=re.M | re.I)
        stages = re.findall(r"^FROM\s.*\sAS\s+(\S+)", text, flags=re.M | re.I)
        stages = {name.lower() for name in stages}
        for word in words + re.findall(r"\bfrom=([^\s,]+)", text):
            for _ in range(3):
                word = re.sub(r"\$\{(\w+):?-([^}]*)\}", lambda match: values.get(match[1], match[2]), word)
                word = re.sub(r"\$\{?(\w+)\}?", lambda match: values.get(match[1], ""), word)
            if re.fullmatch(r"[a-z0-9][a-z0-9./_-]*(:\w[\w.-]*)?", word) and word not in stages:
                found.add(word)
    for image in sorted(found - {"scratch"}):
        name = re.sub(r"^(docker\.io/)?(library/)?", "", image).split(":")[0]
        print(image, " ".join(variables.get(name, [])), sep="\t")


def of_docker(text):
    """What Docker says: the check and the lines of its instruction; and why it stopped, if it did."""
    start = text.find("{")
    report = json.loads(text[start:]) if start >= 0 else {"buildError": {"message": text}}
    said = []
    for warning in report.get("warnings") or []:
        ranges = warning["location"]["ranges"]
        lines = (ranges[0]["start"]["line"], ranges[-1]["end"]["line"])
        said.append((warning["ruleName"], lines))
    error = (report.get("buildError") or {}).get("message") or ""
    # `error=true` makes what it found an error; it has looked at everything.
    return said, None if not error or error.startswith("lint violation") else error


def of_us(text):
    """What we say: the names of the checks that the rule stands for, and the line."""
    said = []
    for finding in json.loads(text)["findings"]:
        names = [name for name in finding["aliases"] if re.fullmatch(r"[A-Z][a-z]\w+|JSON\w+", name)]
        said += [(name, finding["line"]) for name in names]
    return said


def compare(corpus, explained):
    differences, stopped, checks, agreed = set(), 0, {}, 0
    for path in sorted(corpus.glob("*.path")):
        name = path.stem
        ours = of_us(path.with_suffix(".ours").read_text())
        docker, error = of_docker(path.with_suffix(".docker").read_text())
        text = (path.with_suffix("") / path.read_text()).read_text().splitlines()

        def first_line(line):
            """The first line of what is continued up to this one."""
            while line > 1 and not starts(line):
                line -= 1
            return line

        def starts(line):
            above = [text for text in text[: line - 1] if not text.strip().startswith("#")]
            while above and not above[-1].strip():
                above.pop()
            return not above or not above[-1].rstrip().endswith("\\")

        theirs = {(check, first_line(lines[0])) for check, lines in docker if check not in UNDECIDED}
        # A line of ours lies within the lines of theirs.
        spans = [lines for _, lines in docker]

        def home(line):
            within = [first_line(first) for first, last in spans if first <= line <= last]
            return within[0] if within else first_line(line)

        own = {(check, home(line)) for check, line in ours}
        for check, line in theirs:
            checks.setdefault(check, [0, 0])[0] += 1
            checks[check][1] += (check, line) in own
        agreed += len(theirs & own)
        differences |= {(name, check, str(line), "docker") for check, line in theirs - own}
        # Where it stopped, it has not looked at the rest.
        stopped += error is not None
        if error is None:
            differences |= {(name, check, str(line), "ours") for check, line in own - theirs}
        elif not theirs and not own:
            print(f"{name}: {error}")
    known = {
        tuple(line.split("\t")[:4])
        for line in explained.read_text().splitlines()
        if line and not line.startswith("#")
    }
    for check, (said, met) in sorted(checks.items()):
        print(f"{check}: {met} of {said}")
    print(f"Dockerfiles: {len(list(corpus.glob('*.path')))}, {stopped} of which Docker refuses")
    print(f"checks that spoke: {len(checks)}, together {agreed} times where ours did; explained differences: {len(known)}")
    for difference in sorted(differences ^ known):
        print("only" if difference in differences else "explained, and gone:", *difference, sep="\t")
    sys.exit(differences != known)


if __name__ == "__main__":
    verb, *arguments = sys.argv[1:]
    {"corpus": corpus, "images": images, "compare": compare}[verb](*map(pathlib.Path, arguments))
