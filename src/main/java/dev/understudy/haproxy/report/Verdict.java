package dev.understudy.haproxy.report;

/** What became of a line, from the best to the worst. */
public enum Verdict {
  /** Says the same in ours. */
  SAID("exact"),
  /** Needs no words: always so here, or of no use here. */
  NOT_NEEDED("not needed"),
  /** Said with a difference, which the report names. */
  DIFFERENTLY("approximated"),
  /** Has no words here. */
  LOST("unsupported");

  private final String text;

  Verdict(String text) {
    this.text = text;
  }

  /** For reports. */
  public String text() {
    return text;
  }
}
