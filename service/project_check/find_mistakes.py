"""All mistakes of a project that its files show without being run."""

from service.contract.projects import list_projects
from service.project_check.import_rules import find_broken_walls, find_clock_reads
from service.project_check.mistake import Mistake
from service.project_check.plain_folders import (
    FOUR_FOLDERS,
    find_core_faults,
    find_doubles,
    find_impurities,
    find_style_faults,
)
from service.project_check.project_files import ProjectFiles
from service.project_check.project_name import find_name_fault
from service.project_check.required_functions import find_bad_file_names, find_contract_faults, find_import_faults


def find_mistakes(files: ProjectFiles) -> list[Mistake]:
    """List the mistakes in a project's folder, in the order of its files."""
    fault = find_name_fault(files.name, files.root)
    mistakes = [Mistake(files.name, 0, f"{fault}; rename the folder")] if fault else []
    mistakes += [*find_contract_faults(files), *find_bad_file_names(files), *find_doubles(files.trees)]
    projects = set(list_projects(files.root))
    for file, tree in files.trees.items():
        mistakes += [*find_broken_walls(file, tree, projects), *find_clock_reads(file, tree)]
        mistakes += [*find_import_faults(file, tree), *find_style_faults(file, tree)]
        folder, _, name = file.partition("/")[2].partition("/")
        if folder in FOUR_FOLDERS:
            mistakes += find_impurities(file, tree)
        if folder == "core" and name != "__init__.py":
            mistakes += find_core_faults(file, tree)
    return sorted({*mistakes, *files.broken})
