#include "cli/report_command.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "evidence/report/pages.hpp"
#include "evidence/report/rules.hpp"
#include "plots/figures.hpp"
#include "plots/gnuplot.hpp"
#include "plots/svg.hpp"

namespace racebed::cli {
namespace {

namespace po = boost::program_options;
using evidence::CellSummary;
using evidence::Database;
using experiments::InputError;

/// Draws every figure into files under `folder`, and hands out what a page shows of them.
evidence::Gallery drawn(const evidence::Material& material, const std::string& folder) {
  evidence::Gallery gallery;
  for (const plots::Figure& figure : plots::figures(material)) {
    evidence::Picture picture{figure.id, figure.title, figure.caption, "", figure.missing, figure.commands};
    if (figure.missing.empty()) {
      const plots::Rendered rendered = plots::render(figure);
      picture.svg = rendered.svg;
      write_file(folder + "/" + figure.id + ".svg", plots::svg_file(rendered.svg));
      write_file(folder + "/" + figure.id + ".png", rendered.png);
    }
    gallery.push_back(std::move(picture));
  }
  return gallery;
}

/// Throws experiments::InputError when it cannot be there.
void make_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) throw InputError(fmt::format("{}: {}, expected a folder to write to", path, error.message()));
}

}  // namespace

ReportCommand parse_report(const std::vector<std::string>& arguments) {
  po::options_description named;
  named.add_options()("db", po::value<std::string>())("out", po::value<std::string>())(
      "subject", po::value<std::string>());
  const po::variables_map values = parse_arguments(arguments, named);
  ReportCommand command;
  if (values.count("db") != 0) command.database = values["db"].as<std::string>();
  if (values.count("out") != 0) command.folder = values["out"].as<std::string>();
  if (values.count("subject") != 0) command.subject = values["subject"].as<std::string>();
  return command;
}

int report_command(const ReportCommand& command) {
  const Database database(command.database, Database::Mode::read);
  const evidence::Material material(database, command.subject);
  const bool known = std::any_of(material.cells.begin(), material.cells.end(), [&](const CellSummary& cell) {
    return cell.cell.subject == command.subject && cell.cell.is_judged();
  });
  if (!known)
    throw InputError(
        fmt::format("{}: no runs of subject {}, expected some", command.database, command.subject));
  make_folder(command.folder + "/figures");
  const evidence::Gallery gallery = drawn(material, command.folder + "/figures");
  const std::vector<std::pair<std::string, evidence::Document>> pages = {
      {"report", evidence::report_page(material, gallery)},
      {"risk-assessment", evidence::risk_assessment(material, gallery)},
      {"staging-validation", evidence::staging_validation(material, gallery)},
      {"deployment-readiness", evidence::deployment_readiness(material, gallery)}};
  for (const auto& [name, page] : pages) {
    const std::string path = command.folder + "/" + name;
    write_file(path + ".html", evidence::to_html(page));
    write_file(path + ".md", evidence::to_markdown(page));
    fmt::print("{}.html\n", path);
  }
  const auto found = evidence::verdict(material);
  for (const evidence::Finding& finding : found) {
    if (!finding.holds) fmt::print("not ready: {}: {}\n", finding.rule, finding.number);
  }
  if (evidence::is_ready(found)) fmt::print("ready\n");
  return evidence::is_ready(found) ? kHolds : kViolated;
}

}  // namespace racebed::cli
