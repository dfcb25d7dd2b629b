package dev.understudy.proxy.filter;

import dev.understudy.condition.Escape;
import dev.understudy.condition.Template;
import dev.understudy.pool.FilterKind;
import java.util.Set;

/**
 * {@code SetMethod}: replaces the method (HAProxy {@code http-request set-method}). HEAD, CONNECT
 * and handshakes of WebSockets keep theirs, and no request becomes one of these: responses to them
 * are framed otherwise. Conditions and values still see the client's, as HAProxy's do.
 */
public record SetMethod(Template value) implements ChangeStep {
  /**
   * {@code SetMethod=METHOD}
   *
   * <p>Replaces the method by a text with [values](conditions.md#values), in capitals. The server
   * and the access log get the new one; conditions and {@code {method}} still see the client's, as
   * HAProxy's do. HEAD, CONNECT and WebSocket handshakes keep theirs, and so does a request that
   * would become HEAD, CONNECT or no method.
   */
  public static final FilterKind KIND = FilterKind.own("SetMethod", "method");

  private static final int LONGEST = 32;
  private static final Set<String> KEPT = Set.of("HEAD", "CONNECT");

  static Step compile(FilterSource source) throws NotCompilableException {
    String method = source.arguments().required("method");
    Template template = source.template(method);
    if (template.isConstant() && !isMethod(method)) {
      throw new IllegalArgumentException(
          "method: expected a method in capitals other than HEAD and CONNECT, found '"
              + method
              + "'");
    }
    return new SetMethod(template);
  }

  @Override
  public boolean change(RequestFacts facts) {
    String before = facts.sentMethod();
    String wanted = value.render(facts, Escape.HEADER);
    if (!facts.isWebSocket() && !KEPT.contains(before) && isMethod(wanted)) {
      facts.setMethod(wanted);
    }
    return true;
  }

  /** Conditions see the client's method. */
  @Override
  public void changeForm(RequestFacts facts) {}

  /** Whether a request may get that method. */
  private static boolean isMethod(String name) {
    return !name.isEmpty()
        && name.length() <= LONGEST
        && !KEPT.contains(name)
        && name.chars().allMatch(c -> (c >= 'A' && c <= 'Z') || c == '-' || c == '_');
  }
}
