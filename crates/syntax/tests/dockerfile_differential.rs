//! The instructions that the grammar of tree-sitter-containerfile finds in well-formed files are
//! those that are found here.

mod dockerfile_samples;

use syntax::dockerfile::{Arguments, Instruction, parse};
use tree_sitter::{Node, Parser};

use dockerfile_samples::SAMPLES;

/// Well-formed, but not worth a sample.
const SNIPPETS: &[&str] = &[
    "FROM scratch",
    "\u{feff}FROM a\r\nRUN b",
    "from a as b\ncopy --from=0 c d\n",
    "FROM a\n\n\n# one\n\n# two\nRUN b # three\n",
    "FROM a\nRUN b \\\n\n c\n\nCMD d\n",
    "FROM a\nRUN b && \\\n# one\n# two\n    c\n",
    "FROM a\r\nRUN b \\\r\n  c\r\nCMD [\"d\"]\r\n",
    "ARG A\nFROM $A\nARG B=1 C\n",
    "FROM a\nENV B=\"c \\\n  d\" E=f\n",
    "FROM a\nENV B c d\nLABEL e f\n",
    "FROM a\nRUN <<E\nCMD b\nE\nCMD c\n",
    "FROM a\nRUN <<-E\n\tCMD b\n\tE\nCMD c\n",
    "FROM a\nRUN cat <<'E' <<F\n1\nE\n2\nF\nCMD c\n",
    "FROM a\nCOPY <<E /b\nRUN c\nE\nUSER d\n",
    "FROM a\nRUN --mount=type=bind,source=b,target=/c --network=none d <<E\ne\nE\n",
    "FROM a\nONBUILD ADD b c\nonbuild run d\n",
    "FROM a\nHEALTHCHECK NONE\n",
    "FROM a\nHEALTHCHECK --timeout=1s CMD [\"b\"]\n",
    "FROM a\nCMD [\"b\", \"c\"]\nCMD ['b']\n",
    "FROM a@sha256:0123456789abcdef AS b-c_d.e\n",
    "FROM a\nEXPOSE 80 443/tcp $PORT\nVOLUME /b\nSTOPSIGNAL SIGTERM\nUSER 1000:1000\n",
    "FROM a\n  RUN b\n\tCMD c\n",
];

/// Where the builder is followed here, and the grammar finds something else, or an error.
const DIFFERENCES: &[(&str, &str)] = &[
    (
        "a here-document is a word of its own",
        "RUN echo $((1<<2))\nCMD b\n",
    ),
    ("a here-string is none", "RUN cat <<<b\nCMD c\n"),
    (
        "a here-document needs balanced quotes",
        "RUN echo it's <<E\nCMD b\n",
    ),
    ("a blank may follow `<<`", "RUN cat << E\nCMD b\nE\n"),
    ("one escape character is in force", "ENV A=b`\nCMD c\n"),
    ("a user is any text", "USER a b\n"),
    ("a signal may be lower case", "STOPSIGNAL sigterm\n"),
    ("a keyword may be continued", "RU\\\nN a\n"),
];

#[test]
fn instructions_are_those_of_the_grammar() {
    for text in SAMPLES.iter().chain(SNIPPETS) {
        assert_eq!(Some(by_us(text)), by_grammar(text), "{text}");
    }
}

#[test]
fn the_known_differences_are_still_there() {
    for (what, text) in DIFFERENCES {
        assert_ne!(Some(by_us(text)), by_grammar(text), "{what}");
    }
}

/// Keyword and start of all instructions, those of triggers too.
fn by_us(text: &str) -> Vec<(String, usize)> {
    let dockerfile = parse(text);
    assert_eq!(dockerfile.errors, [], "{text}");
    let mut found = Vec::new();
    for instruction in &dockerfile.instructions {
        collect(instruction, &mut found);
    }
    found
}

fn collect(instruction: &Instruction, found: &mut Vec<(String, usize)>) {
    let name = instruction.keyword.name().to_owned();
    found.push((name, instruction.span.start as usize));
    if let Arguments::Onbuild(trigger) = &instruction.arguments {
        collect(trigger, found);
    }
}

/// The same, if the grammar accepts the text.
fn by_grammar(text: &str) -> Option<Vec<(String, usize)>> {
    let mut parser = Parser::new();
    let language = tree_sitter_containerfile::LANGUAGE.into();
    parser.set_language(&language).expect("the versions agree");
    let tree = parser.parse(text, None).expect("there is no time limit");
    let mut found = Vec::new();
    visit(tree.root_node(), &mut found);
    (!tree.root_node().has_error()).then_some(found)
}

fn visit(node: Node, found: &mut Vec<(String, usize)>) {
    let mut cursor = node.walk();
    for child in node.children(&mut cursor) {
        let keyword = child.kind().strip_suffix("_instruction");
        // What follows CMD in a health check is a node of its own there.
        if let Some(keyword) = keyword.filter(|_| node.kind() != "healthcheck_instruction") {
            found.push((keyword.to_uppercase(), child.start_byte()));
        }
        visit(child, found);
    }
}
