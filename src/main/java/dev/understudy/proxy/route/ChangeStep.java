package dev.understudy.proxy.route;

import dev.understudy.condition.LinearPattern;
import dev.understudy.condition.Template;
import dev.understudy.pool.PoolId;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A step that changes the request, or plans a change of the response, with values of the request.
 */
public sealed interface ChangeStep extends Step.Rule {
  @Override
  default FilterResult apply(RouteRequest request) {
    return request.change(this) ? FilterResult.PASS : request.refuseBad();
  }

  /** Edits a header field of the request or the response with a value of the request. */
  record Edit(Step.EditHeader.Of of, Step.EditHeader.How how, String name, Template value)
      implements ChangeStep {}

  /**
   * {@code ReplaceRequestHeader}, {@code ReplaceResponseHeader}: a field line in which the pattern
   * is found becomes the replacement as a whole (HAProxy {@code replace-header}).
   *
   * @param replacement {@code $1} and <code>${name}</code> stand for groups
   */
  record Replace(Step.EditHeader.Of of, String name, LinearPattern pattern, String replacement)
      implements ChangeStep {}

  /** {@code SetVariable}: gives a value to a variable of the request. */
  record Variable(String name, Template value) implements ChangeStep {}

  /** {@code SetPath}: replaces the path and keeps the query. */
  record Path(Template value) implements ChangeStep {}

  /** {@code RewritePath}: replaces what the pattern finds in the path. */
  record Rewrite(LinearPattern pattern, String replacement) implements ChangeStep {}

  /**
   * {@code RewritePath} with an expression that RE2 does not have: the Gateway lane's alone, as a
   * client can make it slow.
   */
  record JavaRewrite(Pattern pattern, String replacement) implements ChangeStep {
    /**
     * Compiles an expression that was checked.
     *
     * @param replacement as the Gateway has it, with {@code $\} for a dollar sign
     */
    public static JavaRewrite of(String regexp, String replacement) {
      return new JavaRewrite(Pattern.compile(regexp), replacement.replace("$\\", "$"));
    }
  }

  /** {@code SetQuery}: replaces the query; an empty value removes it. */
  record Query(Template value) implements ChangeStep {}

  /** {@code SetHost}: replaces {@code Host}. */
  record Host(Template value) implements ChangeStep {}

  /**
   * {@code SetMethod}: replaces the method (HAProxy {@code http-request set-method}). HEAD, CONNECT
   * and handshakes of WebSockets keep theirs, and no request becomes one of these: responses to
   * them are framed otherwise. Conditions and values still see the client's, as HAProxy's do.
   */
  record Method(Template value) implements ChangeStep {
    private static final int LONGEST = 32;
    private static final Set<String> KEPT = Set.of("HEAD", "CONNECT");

    /** The method after the change. */
    String after(String before, String wanted) {
      return KEPT.contains(before) || !isMethod(wanted) ? before : wanted;
    }

    /** Whether a request may get that method. */
    static boolean isMethod(String name) {
      return !name.isEmpty()
          && name.length() <= LONGEST
          && !KEPT.contains(name)
          && name.chars().allMatch(c -> (c >= 'A' && c <= 'Z') || c == '-' || c == '_');
    }
  }

  /**
   * {@code SetStatus} with a condition: replaces the status of a server's response (HAProxy {@code
   * http-response set-status}). Responses that have no body by their status keep theirs.
   *
   * @param status 200 to 599, other than 204, 205 and 304
   */
  record Status(int status) implements ChangeStep {
    private static final Set<Integer> BODILESS = Set.of(204, 205, 304);

    public Status {
      if (status < 200 || status > 599 || BODILESS.contains(status)) {
        throw new IllegalArgumentException(
            "status: expected 200 to 599 other than 204, 205 and 304, found " + status);
      }
    }

    /** The status after the change. */
    int after(int before) {
      return BODILESS.contains(before) ? before : status;
    }
  }

  /** {@code UsePool}: names the pool of the request; the last one counts. */
  record Pool(PoolId pool) implements ChangeStep {}
}
