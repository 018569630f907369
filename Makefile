# One verb a line; the work is done by the `nianbao` command. `make` alone lists the targets.

MAKEFLAGS += --no-builtin-rules --warn-undefined-variables
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
UNIT   ?= longtan
YEAR   ?=
# Names reach the shell as variables, never as text of a command.
NAME     =
PROVINCE =
FORM     =
WRITE    =
PORT     =
TABLES   =
DRY      =
FILE     =
FORCE    =
UNITS    =
YEARS    =
JOBS     =
REPORTS  =
OWN      =
# So that messages name what make takes.
export NIANBAO_CALLER := make
export TABLES PORT UNIT YEAR NAME PROVINCE FORM FILE UNITS YEARS JOBS REPORTS OWN

BIN   := .venv/bin
# What JupyterLab adds to a notebook that git should not see; the same list as in CONTRIBUTING.md.
NOTEBOOK_EXTRAS := metadata.language_info.codemirror_mode metadata.language_info.file_extension \
  metadata.language_info.mimetype metadata.language_info.nbconvert_exporter metadata.language_info.pygments_lexer \
  metadata.language_info.version cell.metadata.editable
# A module's tests stay together, because they share what it took long to make.
ON_ALL := -n logical --dist loadscope --no-loadscope-reorder
READY := .venv/.ready
SET_UP := .venv/.packages

##@ 报告 Reports
.PHONY: new
new: unit year $(READY) ## 建立一年的资料，沿用上一年的 Begin a year: make new UNIT=longtan YEAR=2014 [NAME= PROVINCE= FORM=]
	@$(BIN)/nianbao new --name="$$NAME" --province="$$PROVINCE" --form="$$FORM" -- "$$UNIT" "$$YEAR"

.PHONY: table-export
table-export: unit year $(READY) ## 把统计表写成 Excel 来填 Write the tables as a workbook: make table-export UNIT= YEAR= [FILE= FORCE=1]
	@$(BIN)/nianbao table export $${FILE:+--output="$$FILE"} $(if $(FORCE),--force) -- "$$UNIT" "$$YEAR"

.PHONY: table-import
table-import: unit year $(READY) ## 读进填好的 Excel 并核对 Read a filled workbook: make table-import UNIT= YEAR= FILE=
	@test -n "$$FILE" || { echo "缺少 FILE，即填好的工作簿；如：make table-import UNIT=longtan YEAR=2014 FILE=表.xlsx" >&2; exit 2; }
	@$(BIN)/nianbao table import -- "$$UNIT" "$$YEAR" "$$FILE"

.PHONY: table-zeros
table-zeros: unit year $(READY) ## 没有填的格都填 0 Put 0 into blank cells: make table-zeros UNIT= YEAR= [TABLES="disputes"]
	@set -f; $(BIN)/nianbao table zeros -- "$$UNIT" "$$YEAR" $$TABLES

.PHONY: report
report: year $(READY) ## 生成一份报告 Build one report: make report YEAR=2013 [UNIT=longtan] [FORCE=1]
	@$(BIN)/nianbao report $(if $(FORCE),--force) -- "$$UNIT" "$$YEAR"

.PHONY: preview
preview: year $(READY) ## 边写边看，保存即更新 See the report while writing it: make preview YEAR=2013 [UNIT=longtan PORT=]
	@$(BIN)/nianbao preview $${PORT:+--port="$$PORT"} -- "$$UNIT" "$$YEAR"

.PHONY: reports
reports: $(READY) ## 生成所有报告，没有变化的不再生成 Build all reports that changed: make reports [UNITS="a b"] [YEARS=2013-2020] [JOBS=4]
	@set -f; $(BIN)/nianbao batch $${YEARS:+--years="$$YEARS"} $${JOBS:+--jobs="$$JOBS"} -- $$UNITS

.PHONY: check
check: year $(READY) ## 核对数据和文字 Check one report: make check YEAR=2013 [UNIT=longtan]
	@$(BIN)/nianbao check -- "$$UNIT" "$$YEAR"

.PHONY: adopt
adopt: year $(READY) ## 手写的数改为占位符 Put placeholders for typed numbers: make adopt YEAR=2014 [UNIT=longtan] [DRY=1]
	@$(BIN)/nianbao adopt $(if $(DRY),--dry-run) -- "$$UNIT" "$$YEAR"

.PHONY: rollup
rollup: unit year $(READY) ## 汇总所属单位的统计表 Add up the tables of a unit's members, as a page: make rollup UNIT=longtan YEAR=2013 [WRITE=1]
	@$(BIN)/nianbao rollup $(if $(WRITE),--write) -- "$$UNIT" "$$YEAR"

.PHONY: verify
verify: year $(READY) ## 重新执行并核对 Re-execute and compare with the manifest: make verify YEAR=2013 (or 2013/rollup, 2013/audit, trend)
	@$(BIN)/nianbao verify -- "$$UNIT" "$$YEAR"

.PHONY: audit
audit: year $(READY) ## 把公布文本与统计表逐项核对 Hold the published text against the table: make audit YEAR=2013
	@$(BIN)/nianbao audit -- "$$UNIT" "$$YEAR"

.PHONY: trend
trend: unit $(READY) ## 一个单位各年的变化，跨表式 Follow one unit over its years, across forms: make trend UNIT=invented
	@$(BIN)/nianbao trend -- "$$UNIT"

.PHONY: repro
repro: year $(READY) ## 换环境再生成一次，逐字节比较 Build twice in different settings and compare every byte
	@$(BIN)/nianbao repro -- "$$UNIT" "$$YEAR"

.PHONY: edit
edit: unit year $(READY) ## 在 JupyterLab 中编辑笔记本 Edit the notebook of a report in JupyterLab: make edit YEAR=2013 [OWN=cells]
	@$(BIN)/nianbao edit $${OWN:+--own="$$OWN"} -- "$$UNIT" "$$YEAR"

##@ 开发 Development
.PHONY: test
test: $(READY) ## 运行全部测试，用上所有处理器 Run the tests on all processors
	@$(BIN)/python -m pytest $(ON_ALL)

.PHONY: test-fast
test-fast: $(READY) ## 只运行不生成报告的测试，不到一分钟 Run those that build no report, in less than a minute
	@$(BIN)/python -m pytest $(ON_ALL) -m "not slow"

.PHONY: lint
lint: $(READY) ## 检查代码、分层和笔记本 Check code, types, layers and notebooks
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/nbstripout --verify --keep-id --extra-keys '$(NOTEBOOK_EXTRAS)' notebooks/*.ipynb docs/tutorials/*.ipynb

.PHONY: golden
golden: $(READY) ## 更新测试用的标准结果 Renew the golden files of the tests
	@$(BIN)/python -m pytest -q --golden

.PHONY: bench
bench: $(READY) ## 与 papermill 加 nbconvert 比较用时，约一刻钟 Measure against papermill and nbconvert: make bench [REPORTS=1000]
	@$(BIN)/python benchmarks/bench.py $${REPORTS:+--reports="$$REPORTS"}

.PHONY: clean
clean: ## 删除生成的文件，manifest.json 除外 Remove what was generated, manifests excepted
	@mkdir -p outputs
	@find outputs -mindepth 1 -type f \( ! -name manifest.json -o -path 'outputs/*/trend/*' \) -delete
	@find outputs -mindepth 1 -type d -empty -delete
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis dist

.PHONY: distclean
distclean: clean ## 连同运行环境一起删除 Remove the environment too
	@rm -rf .venv .bench

.PHONY: help
help: ## 列出这些命令 Show this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {print "\n" substr($$0, 5)} \
	      /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: unit
unit:
	@:$(if $(filter file,$(origin UNIT)),$(error 缺少 UNIT，即 params/ 下的文件夹名；如：make $(firstword $(MAKECMDGOALS)) UNIT=longtan$(if $(filter new,$(MAKECMDGOALS)), YEAR=2014)))

.PHONY: year
year:
	@:$(if $(strip $(YEAR)),,$(error 缺少 YEAR。已有：$(sort $(patsubst params/%/,%,$(wildcard params/*/*/)))；如：make $(firstword $(MAKECMDGOALS)) $(if $(filter new,$(MAKECMDGOALS)),UNIT=$(UNIT) YEAR=2014,YEAR=2013)))

# The environment: made once, again only when the lock or the project's own metadata changes. Nothing else needs a network.
$(SET_UP): requirements.lock
	@:$(if $(shell $(PYTHON) -c 'import sys; print("new" if sys.version_info >= (3, 11) else "")' 2>/dev/null),,$(error \
	  需要 Python 3.11 或更新的版本，$(PYTHON) 是：$(shell ($(PYTHON) --version) 2>&1 | head -n 1)。装好后如：make PYTHON=python3.12 report YEAR=2013))
	@echo "准备运行环境（只需一次，几分钟）…"
	@rm -rf .venv
	@$(PYTHON) -m venv .venv || { echo "Python 缺少 venv 模块（Debian、Ubuntu：apt install python3-venv）。" >&2; exit 2; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --compile --require-hashes -r requirements.lock
	@touch $@

$(READY): pyproject.toml $(SET_UP)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index --editable .
	@# What each process would else do again where it may not leave it for the next: compile modules, list the fonts.
	@$(BIN)/python -m compileall -q lib
	@MPLCONFIGDIR=.venv/share/nianbao/matplotlib $(BIN)/python -c 'import matplotlib.font_manager'
	@# What JupyterLab adds to a notebook stays out of the history, and a change of one is shown without it.
	@if git rev-parse --git-dir >/dev/null 2>&1; then \
	  git config filter.nbstripout.clean "$(BIN)/nbstripout --keep-id --extra-keys '$(NOTEBOOK_EXTRAS)'"; \
	  git config filter.nbstripout.smudge cat; \
	  git config diff.ipynb.textconv "$(BIN)/nbstripout --textconv --keep-id"; \
	fi
	@touch $@
