package dev.understudy.haproxy.syntax;

import java.util.List;

/** What reading a configuration gives: the whole, or all of its problems. */
public sealed interface ParsedFile {
  /** A configuration without problems of syntax. */
  record Good(HaproxyFile file) implements ParsedFile {}

  /** Why it cannot be read; at least one problem, in the file's order. */
  record Bad(List<SyntaxProblem> problems) implements ParsedFile {
    public Bad {
      problems = List.copyOf(problems);
    }
  }
}
