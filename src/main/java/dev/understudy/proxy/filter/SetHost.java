package dev.understudy.proxy.filter;

import dev.understudy.condition.Escape;
import dev.understudy.condition.Template;
import dev.understudy.pool.FilterKind;
import dev.understudy.proxy.http.NormalTarget;

/** {@code SetHost}: replaces {@code Host}. */
public record SetHost(Template value) implements ChangeStep {
  /**
   * {@code SetHost=HOST}
   *
   * <p>Replaces {@code Host} by a text with [values](conditions.md#values). A result that is not a
   * host changes nothing.
   */
  public static final FilterKind KIND = FilterKind.own("SetHost", "host");

  /** In characters; HAProxy's buffer has 16 KB for the whole request. */
  private static final int LONGEST = 262;

  static Step compile(FilterSource source) throws NotCompilableException {
    return new SetHost(source.template(source.arguments().required("host")));
  }

  @Override
  public String changedField() {
    return "host";
  }

  /** Keeps the host if the value is not a valid one. */
  @Override
  public boolean change(RequestFacts facts) {
    String host = value.render(facts, Escape.HEADER);
    boolean good =
        !host.isEmpty()
            && host.length() <= LONGEST
            && host.chars()
                .allMatch(c -> NormalTarget.isInLabel((char) c) || ".:[]".indexOf(c) >= 0);
    if (good) {
      facts.form().fields.set("host", host);
    }
    return true;
  }
}
