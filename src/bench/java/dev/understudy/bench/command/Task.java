package dev.understudy.bench.command;

/** What a command is asked for. */
enum Task {
  VALIDATE("validate, one pool"),
  IMPORT("import, " + Inputs.IMPORTED_LINES + " lines"),
  VERSION("--version"),
  STATUS("status of a running replica");

  private final String title;

  Task(String title) {
    this.title = title;
  }

  /** The row of the task done by a program. */
  String by(Program program) {
    return title + ": " + program.title();
  }
}
