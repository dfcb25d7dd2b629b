package dev.understudy.haproxy.report;

/** How a line was translated, from the best to the worst. */
public enum Verdict {
  /** Does the same here. */
  EXACT("exact"),
  /** Needs no translation: always so here, or of no use here. */
  NOT_NEEDED("not needed"),
  /** Translated with a difference, which the report names. */
  APPROXIMATED("approximated"),
  /** Left out. */
  UNSUPPORTED("unsupported");

  private final String text;

  Verdict(String text) {
    this.text = text;
  }

  /** The verdict's name in reports. */
  public String text() {
    return text;
  }
}
