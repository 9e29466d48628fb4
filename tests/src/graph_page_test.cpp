#include "src/graph_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "src/failure.h"
#include "src/graphviz.h"
#include "tests/support/run_program.h"

namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

/// What Python's HTML parser reads in the page: its elements in order, the text of each script and
/// style with its attributes, the data, and the hashes that a browser would make.
constexpr const char* kReader = R"(
import base64, hashlib, html.parser, json, sys
class Reader(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = {"tags": [], "raw": [], "policy": "", "texts": []}
        self.inside = None
    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.found["tags"].append(tag)
        if attributes.get("http-equiv") == "Content-Security-Policy":
            self.found["policy"] = attributes["content"]
        if tag in ("script", "style"):
            self.found["raw"].append({"tag": tag, "id": attributes.get("id"), "text": ""})
            self.inside = tag
    def handle_endtag(self, tag):
        self.inside = None
    def handle_data(self, text):
        if self.inside:
            self.found["raw"][-1]["text"] += text
        else:
            self.found["texts"].append(text)
reader = Reader()
reader.feed(open(sys.argv[1], encoding="utf-8", newline="").read())
for raw in reader.found["raw"]:
    raw["hash"] = "sha256-" + base64.b64encode(hashlib.sha256(raw["text"].encode()).digest()).decode()
    if raw["id"] == "data":
        reader.found["data"] = json.loads(raw["text"])
json.dump(reader.found, sys.stdout)
)";

const std::string kPicture =
    "<?xml version=\"1.0\"?>\n<!-- by -->\n<svg viewBox=\"0 0 1 1\"><g/></svg>\n";

json read(const std::string& page) {
  const std::string path = testing::TempDir() + "/graph_page_test.html";
  std::ofstream(path, std::ios::binary) << page;
  const auto result = support::run_program({"python3", "-c", kReader, path});
  EXPECT_EQ(result.status, 0) << result.err;
  return json::parse(result.out);
}

std::string refusal(const std::string& svg) {
  try {
    spokeshave::graph_page("{}", svg);
  } catch (const spokeshave::Failure& failure) {
    return failure.cause();
  }
  return "taken";
}

TEST(GraphPage, NoNameEndsTheDataOrBeginsMarkup) {
  const json document = {{"a", "</script><script>alert(1)</script>"},
                         {"b", "<!--<script>"},
                         {"c", "]]>-->&lt;&amp;"},
                         {"d", "line\u2028paragraph\u2029\u20aa\\u003c\"\\"},
                         {"e", "{{SCRIPT}}{{SVG}}"}};
  const json page = read(spokeshave::graph_page(document.dump(), kPicture));
  EXPECT_EQ(page["data"], document);
  std::vector<std::string> raw;
  for (const auto& element : page["raw"]) raw.push_back(element["tag"]);
  EXPECT_THAT(raw, ElementsAre("style", "script", "script"));
}

TEST(GraphPage, LineSeparatorsOfUnicodeAreEscaped) {
  const std::string page = spokeshave::graph_page(json("a\u2028b\u2029").dump(), kPicture);
  EXPECT_THAT(page, HasSubstr("\"a\\u2028b\\u2029\""));
}

TEST(GraphPage, OnlyItsOwnScriptAndStyleMayRunAndNothingMayBeLoaded) {
  const json page = read(spokeshave::graph_page("{}", kPicture));
  const std::string style = page["raw"][0]["hash"];
  const std::string script = page["raw"][2]["hash"];
  EXPECT_EQ(page["policy"], "default-src 'none'; style-src '" + style + "'; script-src '" + script +
                                "'; base-uri 'none'; form-action 'none'");
}

TEST(GraphPage, ItNamesNothingOutside) {
  const std::string page = spokeshave::graph_page("{}", kPicture);
  for (const char* word :
       {" src=", " href=", "url(", "@import", "fetch(", "XMLHttpRequest", "import("}) {
    EXPECT_THAT(page, testing::Not(HasSubstr(word)));
  }
}

TEST(GraphPage, ThePictureStandsInItWithoutItsPrologue) {
  const std::string page = spokeshave::graph_page("{}", kPicture);
  EXPECT_THAT(page, HasSubstr("<svg viewBox=\"0 0 1 1\"><g/></svg>"));
  EXPECT_THAT(page, testing::Not(HasSubstr("<?xml")));
  EXPECT_THAT(page, testing::Not(HasSubstr("<!-- by -->")));
}

TEST(GraphPage, WithoutScriptsItSaysSo) {
  const json page = read(spokeshave::graph_page("{}", kPicture));
  EXPECT_THAT(page["tags"], testing::Contains("noscript"));
}

TEST(GraphPage, APictureOfGraphvizIsTaken) {
  const std::string svg = spokeshave::graphviz_svg(
      "digraph g { subgraph cluster_0 { a "
      "[label=<<TABLE><TR><TD>&lt;script&gt;</TD></TR></TABLE>>, "
      "tooltip=\"onload='x' > <script>\", peripheries=2]; b [style=\"rounded,dashed\"] } a -> b "
      "[id=e0, style=dashed]; a -> a; }");
  const json page = read(spokeshave::graph_page("{}", svg));
  EXPECT_THAT(page["texts"], testing::Contains("<script>"));
  EXPECT_EQ(page["raw"].size(), 3u);
}

TEST(GraphPage, MarkupThatIsNoneOfGraphvizsIsRefused) {
  EXPECT_EQ(refusal("<svg><script>1</script></svg>"),
            "Graphviz's picture holds an element `script`");
  EXPECT_EQ(refusal("<svg><foreignObject/></svg>"),
            "Graphviz's picture holds an element `foreignObject`");
  EXPECT_EQ(refusal("<svg><g onload=\"x\"/></svg>"),
            "Graphviz's picture holds an attribute `onload`");
  EXPECT_EQ(refusal("<svg><a xlink:href=\"x\"/></svg>"),
            "Graphviz's picture holds an attribute `xlink:href`");
  EXPECT_EQ(refusal("<svg><g style=\"x\"/></svg>"),
            "Graphviz's picture holds an attribute `style`");
  EXPECT_EQ(refusal("<svg><g a=b onload=c/></svg>"),
            "Graphviz's picture holds an attribute `a` without a value");
  EXPECT_EQ(refusal("<svg><g id=\"a\"\"b\" 'c'/></svg>"),
            "Graphviz's picture holds an attribute ``");
  EXPECT_EQ(refusal("<svg><g id=\"a"), "Graphviz's picture holds a tag that does not end");
  EXPECT_EQ(refusal("<svg><!-- a"), "Graphviz's picture holds a tag that does not end");
}

}  // namespace
