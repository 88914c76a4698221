#include "cli/report_command.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "evidence/report/pages.hpp"
#include "evidence/report/rules.hpp"

namespace racebed::cli {
namespace {

namespace po = boost::program_options;
using evidence::CellSummary;
using evidence::Database;
using experiments::InputError;

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
  std::error_code error;
  std::filesystem::create_directories(command.folder, error);
  if (error)
    throw InputError(fmt::format("{}: {}, expected a folder to write to", command.folder, error.message()));
  const std::vector<std::pair<std::string, evidence::Document>> pages = {
      {"report", evidence::report_page(material)},
      {"risk-assessment", evidence::risk_assessment(material)},
      {"staging-validation", evidence::staging_validation(material)},
      {"deployment-readiness", evidence::deployment_readiness(material)}};
  for (const auto& [name, page] : pages) {
    const std::string path = command.folder + "/" + name;
    write_file(path + ".html", evidence::to_html(page));
    write_file(path + ".md", evidence::to_markdown(page));
    fmt::print("{}.html\n", path);
  }
  const auto found = evidence::findings(material.cells, command.subject);
  for (const evidence::Finding& finding : found) {
    if (!finding.holds) fmt::print("not ready: {}: {}\n", finding.rule, finding.number);
  }
  if (evidence::is_ready(found)) fmt::print("ready\n");
  return evidence::is_ready(found) ? kHolds : kViolated;
}

}  // namespace racebed::cli
