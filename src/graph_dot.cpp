#include "src/graph_dot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>

#include "src/dot_text.h"
#include "src/glob.h"
#include "src/size.h"
#include "src/system_libraries.h"

namespace spokeshave {

namespace {

// The names stand in a fixed-width font, of which a letter takes 0.6 of the font's size whatever
// the system: the boxes' width is known here, and all are of one width.
constexpr const char* kNameFont = "DejaVu Sans Mono,Menlo,Consolas,monospace";
constexpr const char* kTextFont = "Helvetica,Arial,sans-serif";
constexpr double kLetterWidth = 6.1;        // points, at a font size of 10
constexpr std::size_t kFewestLetters = 20;  // beneath stand bar, size and kind
constexpr std::size_t kManyAlike = 8;       // boxes under each other before a second column begins
constexpr double kBarShare = 0.4;           // of the box's width

// On the page src/page/graph.css sets others instead, which it finds by these: each has one
// meaning.
constexpr const char* kInk = "#1d2530";
constexpr const char* kFaintInk = "#56606d";
constexpr const char* kRed = "#b3261e";
constexpr const char* kRedPaper = "#fdeeed";
constexpr const char* kPaper = "#ffffff";
constexpr const char* kFrame = "#d3d9e0";
constexpr const char* kFramePaper = "#f5f7f9";
constexpr const char* kBoxLine = "#8b96a4";
constexpr const char* kBar = "#3f73b5";
constexpr const char* kTrack = "#e1e6ec";
constexpr const char* kEdge = "#7d8896";

/// What tells the three kinds apart: a shape and a word, not a colour.
struct Kind {
  const char* class_name;
  const char* shape;
  const char* word;
};

Kind kind(const Library& library) {
  if (library.image.exports_python_init) {
    return {"module", "style=\"filled,rounded\", ", " module"};
  }
  if (library.image.is_executable()) {
    return {"program", "peripheries=2, ", " program"};
  }
  return {"library", "", ""};
}

std::string_view shown_name(const InspectedLibrary& entry) {
  return entry.shown.empty() ? file_name(entry.library->installed_path) : entry.shown;
}

class Drawing {
 public:
  explicit Drawing(const Inspection& inspection)
      : inspection_(inspection),
        needed_(inspection.graph.adjacency(inspection.libraries.size(), false)),
        is_needed_(needed_.size(), false),
        outgoing_(needed_.size()),
        degree_(needed_.size()) {
    for (const auto& need : graph().needs) {
      ++degree_[need.to];
      ++degree_[need.from];
      ++outgoing_[need.from];
      is_needed_[need.to] = is_needed_[need.to] || !need.by_dlopen;
    }
    number_strangers();
    measure();
  }

  std::string draw() {
    begin();
    for (std::size_t wheel = 0; wheel < inspection_.wheels.size(); ++wheel) {
      add_wheel(wheel);
    }
    for (const auto& [name, number] : missing_) {
      add_stranger(name, fmt::format("m{}", number), "missing", kRed, kRedPaper);
    }
    for (const auto& [name, number] : outside_) {
      add_stranger(name, fmt::format("o{}", number), "outside", kFaintInk, kPaper);
    }
    add_needs();
    add_stranger_needs();
    return std::move(text_) + "}\n";
  }

 private:
  const NeedGraph& graph() const { return inspection_.graph; }

  /// Names that stand for no library of the set; in the order in which they are first needed.
  void number_strangers() {
    for (const auto& need : graph().unmet) {
      missing_.emplace(need.name, missing_.size());
      ++degree_[need.from];
    }
    for (const auto& need : graph().outside) {
      if (is_of_another_wheel(need.name)) {
        outside_.emplace(need.name, outside_.size());
        ++degree_[need.from];
      }
    }
  }

  void measure() {
    std::size_t letters = kFewestLetters;
    for (const auto& entry : inspection_.libraries) {
      letters = std::max(letters, letter_count(shortened_name(shown_name(entry))));
      largest_ = std::max(largest_, entry.library->size);
    }
    for (const auto* names : {&missing_, &outside_}) {
      for (const auto& [name, number] : *names) {
        letters = std::max(letters, letter_count(shortened_name(name)));
      }
    }
    width_ = static_cast<int>(std::ceil(static_cast<double>(letters) * kLetterWidth));
  }

  void begin() {
    text_ = fmt::format(
        "digraph spokeshave {{\n"
        "  graph [rankdir=LR, ranksep=0.37, nodesep=0.11, outputorder=edgesfirst, "
        "fontname=\"{1}\", fontsize=10, fontcolor=\"{2}\"];\n"
        "  node [shape=box, style=filled, margin=\"0.07,0.045\", height=0.3, fontname=\"{0}\", "
        "fontsize=10, fontcolor=\"{3}\", color=\"{4}\", fillcolor=\"{5}\"];\n"
        "  edge [id=\"\", class=\"\", tooltip=\"\", style=solid, minlen=1, "
        "constraint=true, tailport=e, headport=w, arrowsize=0.5, color=\"{6}\"];\n",
        kNameFont, kTextFont, kFaintInk, kInk, kBoxLine, kPaper, kEdge);
  }

  void add_wheel(std::size_t wheel) {
    std::vector<std::size_t> members;
    for (std::size_t i = 0; i < inspection_.libraries.size(); ++i) {
      if (inspection_.libraries[i].wheel == wheel) {
        members.push_back(i);
      }
    }
    if (members.empty()) {
      return;
    }
    const InspectedWheel& of = inspection_.wheels[wheel];
    const std::string name = of.name.empty()
                                 ? shortened_name(of.file_name)
                                 : shortened_name(of.name) + " " + shortened_name(of.version);
    text_ += fmt::format(
        "  subgraph cluster_{0} {{\n    id=\"w{0}\"; class=wheel; label=\"{1}\"; labeljust=l; "
        "margin=7; "
        "style=filled; color=\"{2}\"; fillcolor=\"{3}\"; tooltip=\"{4}, {5} installed\";\n",
        wheel, dot_label(name), kFrame, kFramePaper, dot_tooltip(of.file_name),
        format_size(of.inventory.installed_bytes));
    for (const std::size_t i : members) {
      add_library(i);
    }
    add_columns(members);
    text_ += "  }\n";
  }

  void add_library(std::size_t i) {
    const Library& library = *inspection_.libraries[i].library;
    text_ += fmt::format("    n{0} [id=\"n{0}\", class={1}, tooltip=\"{2}\", {3}label=<{4}>];\n", i,
                         kind(library).class_name, dot_tooltip(library.installed_path),
                         kind(library).shape, label(library, shown_name(inspection_.libraries[i])));
  }

  /// The name; beneath it the bar, the size, and the kind where it is not the usual one.
  std::string label(const Library& library, std::string_view name) const {
    const int track = static_cast<int>(width_ * kBarShare);
    const double share =
        largest_ == 0 ? 0 : static_cast<double>(library.size) / static_cast<double>(largest_);
    const int bar = std::max(1, static_cast<int>(std::lround(share * track)));
    const std::string rest = bar == track
                                 ? ""
                                 : fmt::format("<TD WIDTH=\"{}\" HEIGHT=\"5\" BGCOLOR=\"{}\"></TD>",
                                               track - bar, kTrack);
    const std::string strip = fmt::format(
        "<TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLSPACING=\"0\" CELLPADDING=\"0\" "
        "FIXEDSIZE=\"TRUE\" WIDTH=\"{0}\" HEIGHT=\"5\"><TR><TD WIDTH=\"{1}\" HEIGHT=\"5\" "
        "BGCOLOR=\"{2}\"></TD>{3}</TR></TABLE>",
        track, bar, kBar, rest);
    return table(name,
                 fmt::format("<TD WIDTH=\"{}\">{}</TD>{}", track, strip,
                             words(width_ - track, format_size(library.size) + kind(library).word,
                                   kFaintInk)),
                 kInk);
  }

  static std::string words(int width, const std::string& text, const char* colour) {
    return fmt::format(
        "<TD WIDTH=\"{}\" ALIGN=\"LEFT\" BALIGN=\"LEFT\"><FONT FACE=\"{}\" POINT-SIZE=\"9\" "
        "COLOR=\"{}\">&#160;{}</FONT></TD>",
        width, kTextFont, colour, text);
  }

  std::string table(std::string_view name, const std::string& second_row,
                    const char* colour) const {
    return fmt::format(
        "<TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLSPACING=\"0\" CELLPADDING=\"0\"><TR><TD "
        "COLSPAN=\"2\" WIDTH=\"{}\" ALIGN=\"LEFT\"><FONT COLOR=\"{}\">{}</FONT></TD></TR><TR>{}"
        "</TR></TABLE>",
        width_, colour, dot_label(shortened_name(name)), second_row);
  }

  /// A box for a name that no library of the set answers to.
  void add_stranger(const std::string& name, const std::string& id, const char* class_name,
                    const char* ink, const char* paper) {
    const std::string second = fmt::format(
        "<TD COLSPAN=\"2\" ALIGN=\"LEFT\"><FONT FACE=\"{}\" POINT-SIZE=\"9\" COLOR=\"{}\">{}"
        "</FONT></TD>",
        kTextFont, ink,
        class_name == std::string_view("missing") ? "MISSING: not found" : "of another wheel");
    text_ += fmt::format(
        "  {0} [id=\"{0}\", class={1}, tooltip=\"{2}\", style=\"filled,dashed\", color=\"{3}\", "
        "fillcolor=\"{4}\", label=<{5}>];\n",
        id, class_name, dot_tooltip(name), ink, paper, table(name, second, ink));
  }

  /// Libraries that nothing ties to others would stand in one high column: unseen edges make it
  /// several.
  void add_columns(const std::vector<std::size_t>& members) {
    std::vector<std::size_t> single;
    std::copy_if(members.begin(), members.end(), std::back_inserter(single),
                 [&](std::size_t i) { return degree_[i] == 0; });
    if (single.size() <= kManyAlike) {
      return;
    }
    const auto columns =
        static_cast<std::size_t>(std::ceil(std::sqrt(static_cast<double>(single.size()) / 3)));
    for (std::size_t k = 0; k + 1 < single.size(); ++k) {
      if ((k + 1) % columns != 0) {
        text_ += fmt::format("    n{} -> n{} [style=invis];\n", single[k], single[k + 1]);
      }
    }
  }

  /// Libraries with one need only, all of the same library, are staggered for the same reason.
  void add_needs() {
    std::map<std::size_t, std::size_t> alike;
    for (std::size_t k = 0; k < graph().needs.size(); ++k) {
      const Need& need = graph().needs[k];
      const bool is_alone = !need.by_dlopen && outgoing_[need.from] == 1 && degree_[need.from] == 1;
      const std::size_t number = is_alone ? alike[need.to]++ : 0;
      const bool is_turned = need.by_dlopen && reaches(need.to, need.from);
      text_ += fmt::format("  n{} -> n{} [id=\"e{}\", class=\"{}\", tooltip=\"{} {} {}\", {}];\n",
                           is_turned ? need.to : need.from, is_turned ? need.from : need.to, k,
                           edge_class(need), shown(need.from), need.by_dlopen ? "opens" : "needs",
                           dot_tooltip(shortened_name(need.name)),
                           need.by_dlopen ? dlopen_style(need, is_turned)
                                          : fmt::format("minlen={}", 1 + number / kManyAlike % 3));
    }
  }

  static const char* edge_class(const Need& need) {
    if (!need.by_dlopen) {
      return "needed";
    }
    return need.is_met() ? "dlopen" : "dlopen unmet";
  }

  /// dlopen is evidence only, and often leads back: it is to order no boxes that a NEEDED orders.
  /// `constraint=false` would say that, but within one frame Graphviz 2.43 does not survive it:
  /// what closes a circle is turned round instead, and its arrow back.
  const char* dlopen_style(const Need& need, bool is_turned) const {
    if (is_turned) {
      return "style=dashed, dir=back, tailport=_, headport=_";
    }
    const auto wheel = [&](std::size_t library) { return inspection_.libraries[library].wheel; };
    return wheel(need.from) != wheel(need.to) && is_tied(need.to)
               ? "style=dashed, constraint=false, tailport=_, headport=_"
               : "style=dashed";
  }

  /// Whether `from` needs `to` by NEEDED, at once or through others.
  bool reaches(std::size_t from, std::size_t to) const {
    std::vector<bool> seen(needed_.size(), false);
    std::vector<std::size_t> waiting = {from};
    seen[from] = true;
    while (!waiting.empty() && !seen[to]) {
      const std::size_t library = waiting.back();
      waiting.pop_back();
      for (const std::size_t next : needed_[library]) {
        if (!seen[next]) {
          seen[next] = true;
          waiting.push_back(next);
        }
      }
    }
    return seen[to];
  }

  bool is_tied(std::size_t library) const {
    return !needed_[library].empty() || is_needed_[library];
  }

  std::string shown(std::size_t library) const {
    return dot_tooltip(shortened_name(shown_name(inspection_.libraries[library])));
  }

  void add_stranger_needs() {
    for (std::size_t k = 0; k < graph().unmet.size(); ++k) {
      const UnmetNeed& need = graph().unmet[k];
      add_stranger_need(need.from, fmt::format("m{}", missing_.at(need.name)),
                        fmt::format("u{}", k), "missing", need.name, kRed);
    }
    for (std::size_t k = 0; k < graph().outside.size(); ++k) {
      const OutsideNeed& need = graph().outside[k];
      if (is_of_another_wheel(need.name)) {
        add_stranger_need(need.from, fmt::format("o{}", outside_.at(need.name)),
                          fmt::format("x{}", k), "outside", need.name, kEdge);
      }
    }
  }

  void add_stranger_need(std::size_t from, const std::string& to, const std::string& id,
                         const char* class_name, const std::string& name, const char* colour) {
    text_ += fmt::format(
        "  n{} -> {} [id=\"{}\", class={}, color=\"{}\", tooltip=\"{} needs {}\"];\n", from, to, id,
        class_name, colour, shown(from), dot_tooltip(shortened_name(name)));
  }

  const Inspection& inspection_;
  std::vector<std::vector<std::size_t>> needed_;  ///< by DT_NEEDED, by library
  std::vector<bool> is_needed_;                   ///< by DT_NEEDED, by library
  std::vector<std::size_t> outgoing_;             ///< needs of any kind, by library
  std::vector<std::size_t> degree_;               ///< edges of any kind, by library
  std::map<std::string, std::size_t> missing_;
  std::map<std::string, std::size_t> outside_;
  std::uint64_t largest_ = 0;
  int width_ = 0;  ///< of every box's label, points
  std::string text_;
};

}  // namespace

std::string graph_dot(const Inspection& inspection) {
  return Drawing(inspection).draw();
}

}  // namespace spokeshave
