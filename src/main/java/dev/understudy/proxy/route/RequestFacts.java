package dev.understudy.proxy.route;

import dev.understudy.condition.Condition;
import dev.understudy.condition.Escape;
import dev.understudy.condition.Facts;
import dev.understudy.condition.PathForms;
import dev.understudy.condition.Template;
import dev.understudy.condition.TlsSession;
import dev.understudy.network.IpAddress;
import dev.understudy.pool.PoolId;
import dev.understudy.proxy.http.ClientConnection;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One request while steps with conditions and values run on it, in either lane: what they see of it
 * and what they have changed. Not made for requests whose route has no such step.
 */
public abstract class RequestFacts implements Facts {
  /** In characters; HAProxy's buffer has 16 KB for the whole request. */
  private static final int LONGEST_HOST = 262;

  /**
   * A change that waits for the response.
   *
   * @param when what is left of its condition; null for always
   */
  public record ResponseEdit(Step edit, @Nullable Condition when) {}

  /** The request with its path as routes match it. */
  private final RequestForm first;

  /** The request with its path in the other {@link PathForms}; null before the first step. */
  private @Nullable List<RequestForm> others;

  /** The form that conditions and values see. */
  private RequestForm seen;

  private @Nullable PoolId pool;
  private @Nullable String method;
  private @Nullable List<ResponseEdit> planned;
  private int status;
  private @Nullable HeaderFields response;
  private final ClientConnection client;
  private final boolean tls;
  private final boolean handshake;

  /**
   * @param fields the request's header fields, which steps change
   * @param target in origin-form
   * @param path the normalised path of the target
   * @param tls whether the client speaks TLS, with this proxy or with a trusted one before it
   * @param handshake whether the request is a WebSocket's handshake
   */
  protected RequestFacts(
      HeaderFields fields,
      String target,
      String path,
      ClientConnection client,
      boolean tls,
      boolean handshake) {
    this.first = new RequestForm(fields, target, path);
    this.seen = first;
    this.client = client;
    this.tls = tls;
    this.handshake = handshake;
  }

  /**
   * The step that is to run now: without its condition, or null if that does not hold. Changes of
   * the response are kept for {@link #respond}; what the step would make of the request with its
   * path in another form, for the conditions of guards.
   */
  public @Nullable Step due(Step step) {
    if (isOfResponse(step)) {
      ResponseEdit edit = plan(step);
      if (edit != null) {
        planned = planned == null ? new ArrayList<>() : planned;
        planned.add(edit);
      }
      return null;
    }
    for (RequestForm other : others()) {
      run(step, other);
    }
    return step instanceof ConditionalStep conditional
        ? holds(conditional.when(), conditional.guard()) ? conditional.step() : null
        : step;
  }

  /** Whether the step changes the response. */
  public static boolean isOfResponse(Step step) {
    return switch (step) {
      case ConditionalStep conditional -> isOfResponse(conditional.step());
      case Step.EditHeader edit -> edit.of() == Step.EditHeader.Of.RESPONSE;
      case ChangeStep.Edit edit -> edit.of() == Step.EditHeader.Of.RESPONSE;
      case ChangeStep.Replace replace -> replace.of() == Step.EditHeader.Of.RESPONSE;
      case ChangeStep.Status status -> true;
      default -> false;
    };
  }

  /**
   * Evaluates what a change of the response asks of the request.
   *
   * @return what is left for the response; null for nothing
   */
  public @Nullable ResponseEdit plan(Step step) {
    Condition left = null;
    Step edit = step;
    if (step instanceof ConditionalStep conditional) {
      Condition when = conditional.when();
      left = when.isOfResponse() ? when.resolve(this) : null;
      if (left == null && !when.test(this)) {
        return null;
      }
      edit = conditional.step();
    }
    return new ResponseEdit(
        edit instanceof ChangeStep.Edit value
            ? new ChangeStep.Edit(
                value.of(), value.how(), value.name(), value.value().resolve(this, Escape.HEADER))
            : edit,
        left);
  }

  /**
   * Whether the condition holds; that of a guard, for any form of the path, with the variables and
   * header fields that the steps before give to the request with its path in that form.
   */
  public boolean holds(Condition when, boolean guard) {
    if (when.test(this)) {
      return true;
    }
    if (!guard) {
      return false;
    }
    if (holdsOnPath(when)) {
      return true;
    }
    for (RequestForm other : others()) {
      seen = other;
      try {
        if (when.test(this) || holdsOnPath(when)) {
          return true;
        }
      } finally {
        seen = first;
      }
    }
    return false;
  }

  /** Whether the condition holds for another form of the path, as steps have changed that. */
  private boolean holdsOnPath(Condition when) {
    String raw = withoutQuery(seen.target);
    boolean reducible = PathForms.isReducible(raw);
    if ((!reducible && raw.equals(seen.path)) || !when.isOfPath()) {
      return false;
    }
    return holdsForPath(when, raw)
        || (reducible && holdsForPath(when, NormalTarget.of(PathForms.reduced(raw))));
  }

  private boolean holdsForPath(Condition when, String other) {
    String path = seen.path;
    if (other.equals(path)) {
      return false;
    }
    seen.path = other;
    try {
      return when.test(this);
    } finally {
      seen.path = path;
    }
  }

  private List<RequestForm> others() {
    if (others == null) {
      others = first.others();
    }
    return others;
  }

  /** Runs a step, if it is a change that conditions can see, on one of the {@link #others}. */
  private void run(Step step, RequestForm other) {
    Step change = step instanceof ConditionalStep conditional ? conditional.step() : step;
    other.keepChanged(change);
    seen = other;
    try {
      if (step instanceof ConditionalStep conditional && !conditional.when().test(this)) {
        return;
      }
      switch (change) {
        case ChangeStep.Method method -> {}
        case ChangeStep.Pool to -> {}
        case ChangeStep each -> {
          var unused = run(each);
        }
        case Step.EditHeader edit -> edit.apply(other.fields);
        case Step.Rewrite rewrite -> run(rewrite);
        default -> {}
      }
    } finally {
      seen = first;
    }
  }

  /**
   * The values of a field by which a step without a condition decides: those of the request, or if
   * it has none, those of the request with its path in another form.
   */
  public List<String> anyForm(String name) {
    List<String> values = first.fields.all(name);
    for (RequestForm other : others()) {
      if (!values.isEmpty()) {
        break;
      }
      values = other.fields.all(name);
    }
    return values;
  }

  /**
   * The values of a field that lets a request pass; none if they are others with the path in
   * another form.
   */
  public List<String> everyForm(String name) {
    List<String> values = first.fields.all(name);
    for (RequestForm other : others()) {
      if (!other.fields.all(name).equals(values)) {
        return List.of();
      }
    }
    return values;
  }

  /**
   * Makes a change of the request.
   *
   * @return false if it leads the path elsewhere than it is written; the request is then to be
   *     refused with 400
   */
  public boolean run(ChangeStep change) {
    switch (change) {
      case ChangeStep.Edit edit -> {
        if (edit.value().isAbsent(this)) {
          seen.emptied(edit.name());
        }
        seen.fields.apply(edit.how(), edit.name(), edit.value().render(this, Escape.HEADER));
      }
      case ChangeStep.Replace replace -> seen.fields.apply(replace);
      case ChangeStep.Variable variable -> {
        if (!variable.value().isAbsent(this)) {
          seen.set(
              variable.name(),
              variable.value().render(this, Escape.TEXT),
              variable.value().hasClientSlash(this));
        }
      }
      case ChangeStep.Path to -> {
        String next = to.value().renderPath(this, Escape.PATH);
        if (next == null) {
          return false;
        }
        moveTo(next);
      }
      case ChangeStep.Rewrite rewrite -> {
        return rewrite(rewrite.pattern().replaceAll(seen.path, rewrite.replacement()));
      }
      case ChangeStep.JavaRewrite rewrite -> {
        return rewrite(rewrite.pattern().matcher(seen.path).replaceAll(rewrite.replacement()));
      }
      case ChangeStep.Query query -> query(query.value());
      case ChangeStep.Host host -> host(host.value().render(this, Escape.HEADER));
      case ChangeStep.Method to -> {
        if (!handshake) {
          method = to.after(sentMethod(), to.value().render(this, Escape.HEADER));
        }
      }
      case ChangeStep.Status to -> throw new IllegalStateException("of the response: " + to);
      case ChangeStep.Pool to -> pool = to.pool();
    }
    return true;
  }

  private boolean rewrite(String next) {
    if (isStray(seen.path, next)) {
      return false;
    }
    rewritten(next);
    return true;
  }

  /** Whether a path that was rewritten has a dot segment, as it is or decoded. */
  public static boolean isStray(String before, String after) {
    return !after.equals(before) && PathForms.hasDotSegment(after);
  }

  /** Makes a change of the path. */
  public void run(Step.Rewrite rewrite) {
    rewritten(rewrite.rewrite(seen.path));
  }

  private void rewritten(String next) {
    if (!next.equals(seen.path)) {
      moveTo(next);
    }
  }

  private void moveTo(String next) {
    String from = next.startsWith("/") ? next : "/" + next;
    int question = seen.target.indexOf('?');
    seen.target = question < 0 ? from : from + seen.target.substring(question);
    seen.path = NormalTarget.of(from);
  }

  private void query(Template value) {
    String query = value.render(this, Escape.QUERY);
    int start = 0;
    while (start < query.length() && "?&".indexOf(query.charAt(start)) >= 0) {
      start++;
    }
    String bare = withoutQuery(seen.target);
    seen.target = start == query.length() ? bare : bare + "?" + query.substring(start);
  }

  /** Keeps the host if the value is none: a server must not see what is not. */
  private void host(String value) {
    boolean good =
        !value.isEmpty()
            && value.length() <= LONGEST_HOST
            && value
                .chars()
                .allMatch(c -> NamePattern.isInLabel((char) c) || ".:[]".indexOf(c) >= 0);
    if (good) {
      seen.fields.set("host", List.of(value));
    }
  }

  static String withoutQuery(String target) {
    int question = target.indexOf('?');
    return question < 0 ? target : target.substring(0, question);
  }

  /**
   * Makes the planned changes of the response, the last one first: a response goes back through the
   * filters.
   *
   * @return the response's status after the changes
   */
  public int respond(int status, HeaderFields fields) {
    List<ResponseEdit> edits = planned;
    if (edits == null) {
      return status;
    }
    int now = status;
    for (int i = edits.size() - 1; i >= 0; i--) {
      now = respond(edits.get(i), now, fields);
    }
    planned = null;
    return now;
  }

  /**
   * Makes one change of the response.
   *
   * @return the response's status after the change
   */
  public int respond(ResponseEdit edit, int status, HeaderFields fields) {
    this.status = status;
    this.response = fields;
    Condition when = edit.when();
    if (when == null || when.test(this)) {
      respond(edit.edit(), fields);
    }
    return this.status;
  }

  private void respond(Step edit, HeaderFields fields) {
    switch (edit) {
      case Step.EditHeader plain -> plain.apply(fields);
      case ChangeStep.Edit value ->
          fields.apply(value.how(), value.name(), value.value().render(this, Escape.HEADER));
      case ChangeStep.Replace replace -> fields.apply(replace);
      case ChangeStep.Status to -> status = to.after(status);
      default -> throw new IllegalStateException("not a change of the response: " + edit);
    }
  }

  /** Takes the path and the query as another's filter has changed them. */
  protected final void moved(String target, String path) {
    List<RequestForm> known = others();
    first.target = target;
    first.path = path;
    for (RequestForm other : known) {
      other.path = NormalTarget.of(PathForms.reduced(path));
      other.target = other.path + target.substring(withoutQuery(target).length());
    }
  }

  /** The pool that a step has named; null if none has. */
  public @Nullable PoolId chosenPool() {
    return pool;
  }

  /** The method that the server gets; conditions and values see the client's. */
  public final String sentMethod() {
    return method == null ? method() : method;
  }

  @Override
  public final String path() {
    return seen.path;
  }

  @Override
  public final String target() {
    return seen.target;
  }

  @Override
  public final List<String> headers(String name) {
    return seen.headers(name);
  }

  @Override
  public final @Nullable String variable(String name) {
    return seen.variable(name);
  }

  @Override
  public final boolean hasClientSlash(String variable) {
    return seen.hasClientSlash(variable);
  }

  @Override
  public final int status() {
    return status;
  }

  @Override
  public final List<String> responseHeaders(String name) {
    return response == null ? List.of() : response.all(name);
  }

  @Override
  public String authority() {
    List<String> hosts = seen.fields.all("host");
    return hosts.isEmpty() ? "" : hosts.getFirst();
  }

  @Override
  public final @Nullable IpAddress clientAddress() {
    return client.address();
  }

  @Override
  public final int clientPort() {
    return client.remote().getPort();
  }

  @Override
  public final boolean isTls() {
    return tls;
  }

  @Override
  public final @Nullable TlsSession session() {
    return client.tlsWords();
  }

  @Override
  public final String listener() {
    return client.listener();
  }

  @Override
  public final int listenerPort() {
    return client.localPort();
  }

  @Override
  public final boolean isWebSocket() {
    return handshake;
  }
}
