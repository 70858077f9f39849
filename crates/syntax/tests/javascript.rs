//! Configuration files of Vite, as people write them.

use proptest::prelude::*;
use syntax::javascript::{Lookup, Value, exported, has_word};

/// `build.outDir` in words.
fn out_dir(text: &str) -> String {
    let Some(object) = exported(text) else {
        return "unread".to_owned();
    };
    let build = match object.get("build") {
        Lookup::Is(Value::Object(build)) => build,
        Lookup::Absent => return "absent".to_owned(),
        Lookup::Is(_) | Lookup::Unknown => return "unread".to_owned(),
    };
    match build.get("outDir") {
        Lookup::Is(Value::String(folder, span)) => {
            assert_eq!(
                span.of(text)[1..].trim_end_matches(['"', '\'', '`']),
                folder
            );
            folder.clone()
        }
        Lookup::Absent => "absent".to_owned(),
        Lookup::Is(_) | Lookup::Unknown => "unread".to_owned(),
    }
}

#[test]
fn plain_ones_are_read() {
    for text in [
        "export default { build: { outDir: 'build' } }",
        "import { defineConfig } from \"vite\"\nexport default defineConfig({\n  plugins: [react()],\n  build: {\n    sourcemap: true, // not in public\n    \"outDir\": \"build\",\n  },\n})\n",
        "module.exports = { build: { outDir: `build` } };",
        "export default defineConfig(() => ({ build: { outDir: 'build' } }))",
        "export default defineConfig(async ({ mode }): Promise<UserConfig> => ({ build: { outDir: 'build' } }))",
        "export default defineConfig(({ mode }) => {\n  const env = loadEnv(mode, process.cwd(), \"\")\n  return {\n    define: { KEY: JSON.stringify(env.KEY) },\n    build: { outDir: \"build\" },\n  }\n})\n",
        "export default function (env) { return { build: { outDir: 'build' } } }",
        "export default {\n  ...shared,\n  build: { ...more, outDir: 'build' },\n} satisfies UserConfig\n",
        "export default { server: { proxy: { '/api': { rewrite: (path) => path.replace(/^\\/[}\"]/, '') } } }, build: { outDir: 'build' } }",
        "export default { build: { /* outDir: 'dist', */ rollupOptions: { output: { name() { return `a${b}c` } } }, outDir: 'build' } }",
        "export default { build: { outDir: 'dist', outDir: 'build' } }",
    ] {
        assert_eq!(out_dir(text), "build", "{text}");
    }
}

#[test]
fn what_says_nothing_of_it_is_told_from_what_cannot_be_read() {
    for text in [
        "export default {}",
        "export default defineConfig({ plugins: [vue()], server: { port: 5173 } })",
        "export default { build: {} }",
        "export default { plugins: [{ name: 'x', config: () => ({ build: { outDir: 'x' } }) }] }",
    ] {
        assert_eq!(out_dir(text), "absent", "{text}");
    }
    for text in [
        "",
        "export default config",
        "export default mergeConfig(base, { build: { outDir: 'build' } })",
        "export default { build: { outDir: path.resolve(__dirname, 'build') } }",
        "export default { build: { outDir: 'build' + mode } }",
        "export default { build: { outDir: `build-${mode}` } }",
        "export default { build: { outDir } }",
        "export default { build: { outDir: 'build', ...more } }",
        "export default { build: { outDir: 'build' }, ...shared }",
        "export default { build: { get outDir() { return 'build' } } }",
        "export default { build: production ? { outDir: 'build' } : {} }",
        "export default { ['build']: { outDir: 'build' } }",
        "export default defineConfig(({ mode }) => { if (mode === 'x') { return { build: { outDir: 'x' } } } return { build: { outDir: 'build' } } })",
        "export default defineConfig(() => { const config = { build: { outDir: 'build' } }; return config })",
        "export default { build: { outDir: 'build'",
        "// export default { build: { outDir: 'build' } }",
    ] {
        assert_eq!(out_dir(text), "unread", "{text}");
    }
}

#[test]
fn words_are_those_of_the_code() {
    assert!(has_word("build: { outDir }", "outDir"));
    for text in [
        "// outDir",
        "/* outDir */",
        "'outDir'",
        "outDirectory",
        "/outDir/",
    ] {
        assert!(!has_word(text, "outDir"), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read(text in "\\PC*") {
        out_dir_of_any(&text);
    }

    #[test]
    fn any_pieces_are_read(pieces in prop::collection::vec(
        prop::sample::select(vec![
            "export default", "defineConfig", "(", ")", "{", "}", "[", "]", ":", ",", "=>", "...",
            "build", "outDir", "return", "if", "function", "async", "'build'", "`", "${", "\"", "\\",
            "/", "//", "/*", "*/", "\n", " ", "é", "\u{1f6a2}",
        ]),
        0..40,
    )) {
        out_dir_of_any(&pieces.concat());
    }
}

fn out_dir_of_any(text: &str) {
    if let Some(object) = exported(text)
        && let Lookup::Is(Value::String(_, span)) = object.get("build")
    {
        assert!(span.end as usize <= text.len());
        assert!(!span.of(text).is_empty());
    }
    has_word(text, "outDir");
}

#[test]
fn nesting_has_no_end() {
    let text = format!("export default {}", "{ build: ".repeat(50_000));
    assert_eq!(out_dir(&text), "unread");
    let text = format!(
        "export default {}{}",
        "{ a: ".repeat(5_000) + "1",
        "}".repeat(5_000)
    );
    assert_eq!(out_dir(&text), "absent");
}
