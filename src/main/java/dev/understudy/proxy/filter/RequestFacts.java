package dev.understudy.proxy.filter;

import dev.understudy.condition.Condition;
import dev.understudy.condition.Facts;
import dev.understudy.condition.PathForms;
import dev.understudy.condition.TlsSession;
import dev.understudy.network.IpAddress;
import dev.understudy.pool.PoolId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One request while steps with conditions and values run on it, in either lane: what they see of it
 * and what they have changed. Not made for requests whose route has no such step.
 */
public final class RequestFacts implements Facts {
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

  /** Whether the path has too many other forms: every guard acts. */
  private boolean tooMany;

  /**
   * Whether another's filter has changed the path or the query after a step had made something else
   * of a form: every guard on these acts.
   */
  private boolean parted;

  /** The form that conditions and values see. */
  private RequestForm seen;

  private @Nullable PoolId pool;
  private @Nullable String method;
  private @Nullable List<ResponseEdit> planned;
  private int status;
  private @Nullable HeaderFields response;
  private final RouteRequest request;

  /**
   * @param fields the request's header fields, which steps change
   */
  public RequestFacts(RouteRequest request, HeaderFields fields) {
    this.request = request;
    this.first = new RequestForm(fields, request.target(), request.path());
    this.seen = first;
  }

  /**
   * The step that is to run now: without its condition, or null if that does not hold. Changes of
   * the response are kept for {@link #respond}; what the step would make of the request with its
   * path in another form, for the conditions of guards.
   */
  public @Nullable Step due(Step step) {
    if (step.bare().isOfResponse()) {
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

  /**
   * Evaluates what a change of the response asks of the request.
   *
   * @return what is left for the response; null for nothing
   */
  public @Nullable ResponseEdit plan(Step step) {
    Condition left = null;
    if (step instanceof ConditionalStep conditional) {
      Condition when = conditional.when();
      left = when.isOfResponse() ? when.resolve(this) : null;
      if (left == null && !when.test(this)) {
        return null;
      }
    }
    return new ResponseEdit(step.bare().resolved(this), left);
  }

  /**
   * Whether the condition holds; a guard's holds if it does for any form of the path, with the
   * variables and header fields that the steps before give to the request with its path in that
   * form.
   */
  public boolean holds(Condition when, boolean guard) {
    if (when.test(this)) {
      return true;
    }
    if (!guard) {
      return false;
    }
    List<RequestForm> forms = others();
    if (tooMany || (parted && when.isOfTarget()) || holdsForOtherPath(when)) {
      return true;
    }
    for (RequestForm other : forms) {
      seen = other;
      try {
        if (when.test(this)) {
          return true;
        }
      } finally {
        seen = first;
      }
    }
    return false;
  }

  private boolean holdsForOtherPath(Condition when) {
    String path = first.path;
    List<String> paths = first.otherPaths();
    if (paths.isEmpty() || !when.isOfPath()) {
      return false;
    }
    if (PathForms.areTooMany(paths)) {
      return true;
    }
    try {
      for (String other : paths) {
        first.path = other;
        if (when.test(this)) {
          return true;
        }
      }
    } finally {
      first.path = path;
    }
    return false;
  }

  private List<RequestForm> others() {
    if (others == null) {
      others = first.others();
      tooMany |= PathForms.areTooMany(first.otherPaths());
    }
    return others;
  }

  /** What the other forms of the request take, in bytes, until {@link #done}. */
  public long costBytes() {
    long cost = 0;
    for (RequestForm other : others == null ? List.<RequestForm>of() : others) {
      cost += other.costBytes();
    }
    return cost;
  }

  /** No step is to run any more: drops what they needed, as a response may take long. */
  public void done() {
    others = List.of();
    first.forgetPaths();
  }

  /** Runs a step, if it is a change that conditions can see, on one of the {@link #others}. */
  private void run(Step step, RequestForm other) {
    Step change = step.bare();
    other.keepChanged(change);
    seen = other;
    try {
      if (!(step instanceof ConditionalStep conditional) || conditional.when().test(this)) {
        change.changeForm(this);
      }
    } finally {
      seen = first;
    }
  }

  /**
   * The values of a field by which a step without a condition decides: the request's, or if it has
   * none, its values with the path in another form.
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
    return tooMany ? List.of() : values;
  }

  /** The form of the request that conditions see now. */
  RequestForm form() {
    return seen;
  }

  /** Changes the method that the server gets. */
  void setMethod(String name) {
    method = name;
  }

  /** Changes the pool that the request goes to. */
  void usePool(PoolId chosen) {
    pool = chosen;
  }

  /** Changes the response's status. */
  void setStatus(int code) {
    status = code;
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
      edit.edit().respond(this, fields);
    }
    return this.status;
  }

  /**
   * Takes the path and the query as another's filter has changed them. If the path is the same, it
   * goes on as the client sent it.
   */
  public void moved(String target, String path) {
    List<RequestForm> known = others();
    parted |= known.stream().anyMatch(form -> form.hasPartedFrom(first));
    String query = RequestForm.query(target);
    if (path.equals(first.path)) {
      first.replaceQuery(query);
      known.forEach(other -> other.replaceQuery(query));
      return;
    }
    first.target = target;
    first.path = path;
    for (RequestForm other : known) {
      other.target = target;
      other.path = path;
    }
    others = null;
    List<RequestForm> all = new ArrayList<>(known);
    all.addAll(others());
    others = all;
  }

  /** The pool that a step has named; null if none has. */
  public @Nullable PoolId chosenPool() {
    return pool;
  }

  /** The method that the server gets; conditions and values see the client's. */
  public String sentMethod() {
    return method == null ? method() : method;
  }

  @Override
  public String method() {
    return request.method().name();
  }

  @Override
  public int usableServers(PoolId of) {
    return request.proxy().usableServers(of);
  }

  @Override
  public String requestId() {
    return request.requestId();
  }

  @Override
  public String pool() {
    PoolId now = request.pool();
    return now == null ? "" : now.value();
  }

  @Override
  public String path() {
    return seen.path;
  }

  @Override
  public String target() {
    return seen.target;
  }

  @Override
  public List<String> headers(String name) {
    return seen.headers(name);
  }

  @Override
  public @Nullable String variable(String name) {
    return seen.variable(name);
  }

  @Override
  public boolean hasClientSlash(String variable) {
    return seen.hasClientSlash(variable);
  }

  @Override
  public int status() {
    return status;
  }

  @Override
  public List<String> responseHeaders(String name) {
    return response == null ? List.of() : response.all(name);
  }

  @Override
  public String authority() {
    List<String> hosts = seen.fields.all("host");
    return hosts.isEmpty() ? "" : hosts.getFirst();
  }

  @Override
  public @Nullable IpAddress clientAddress() {
    return request.client().address();
  }

  @Override
  public int clientPort() {
    return request.client().remote().getPort();
  }

  @Override
  public boolean isTls() {
    return request.tls();
  }

  @Override
  public @Nullable TlsSession session() {
    return request.client().tlsWords();
  }

  @Override
  public String listener() {
    return request.client().listener();
  }

  @Override
  public int listenerPort() {
    return request.client().localPort();
  }

  @Override
  public boolean isWebSocket() {
    return request.isHandshake();
  }
}
