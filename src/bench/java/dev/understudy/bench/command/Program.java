package dev.understudy.bench.command;

/** What does a task. */
enum Program {
  JAR("java -jar"),
  LAUNCHER("the Debian package's launcher"),
  HAPROXY("HAProxy");

  private final String title;

  Program(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }
}
