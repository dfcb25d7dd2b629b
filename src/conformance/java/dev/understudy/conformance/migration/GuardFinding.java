package dev.understudy.conformance.migration;

import org.jspecify.annotations.Nullable;

/**
 * A guard that the import has made weaker without a word.
 *
 * @param request null: the import itself fails
 */
record GuardFinding(
    Kind kind, GuardSite site, @Nullable GuardRequest request, String haproxy, String understudy) {
  /** What is wrong. */
  enum Kind {
    /** HAProxy takes the configuration; the import does not. */
    UNREADABLE,
    /** The dynamic file has problems. */
    UNLOADABLE,
    /** A request that HAProxy refuses reaches a server. */
    PASSES,
    /** A request reaches a server that it does not reach through HAProxy. */
    MISLED,
    /** A part of the report names guards that are weaker, and the import is not lossy. */
    NOT_LOSSY
  }

  /** Whether a smaller site shows the same: of an import that fails, the same problem. */
  boolean isAlso(GuardFinding smaller) {
    return kind == smaller.kind
        && (request != null || problem(understudy).equals(problem(smaller.understudy)));
  }

  private static String problem(String text) {
    return text.replaceAll("[0-9]+", "N");
  }

  @Override
  public String toString() {
    return kind
        + "\n"
        + site.text()
        + (request == null ? "" : "request: " + request + "\n")
        + "HAProxy: "
        + haproxy
        + "\nUnderstudy: "
        + understudy;
  }
}
