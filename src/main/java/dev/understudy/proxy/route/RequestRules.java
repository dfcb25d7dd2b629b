package dev.understudy.proxy.route;

import dev.understudy.condition.Condition;
import dev.understudy.condition.Escape;
import dev.understudy.condition.Facts;
import dev.understudy.condition.PathForms;
import dev.understudy.condition.Template;
import dev.understudy.pool.PoolId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One request while steps with conditions and values run on it, in either lane: what they see of it
 * and what they have changed. Not made for requests whose route has no such step.
 */
public abstract class RequestRules implements Facts {
  /** In characters; HAProxy's buffer has 16 KB for the whole request. */
  private static final int LONGEST_HOST = 262;

  /**
   * A change that waits for the response.
   *
   * @param when what is left of its condition; null for always
   */
  public record ResponseEdit(Step edit, @Nullable Condition when) {}

  private final HeaderFields fields;
  private String target;
  private String path;
  private @Nullable String form;
  private @Nullable Map<String, String> variables;
  private @Nullable PoolId pool;
  private @Nullable String method;
  private @Nullable List<ResponseEdit> planned;
  private int status;
  private @Nullable HeaderFields response;

  /**
   * @param fields the request's header fields, which steps change
   * @param target in origin-form
   * @param path the normalised path of the target
   */
  protected RequestRules(HeaderFields fields, String target, String path) {
    this.fields = fields;
    this.target = target;
    this.path = path;
  }

  /**
   * The step that is to run now: without its condition, or null if that does not hold. Changes of
   * the response are kept for {@link #respond}.
   */
  public @Nullable Step due(Step step) {
    if (isOfResponse(step)) {
      ResponseEdit edit = plan(step);
      if (edit != null) {
        List<ResponseEdit> known = planned == null ? new ArrayList<>() : planned;
        planned = known;
        known.add(edit);
      }
      return null;
    }
    return step instanceof Conditional conditional
        ? holds(conditional.when(), conditional.guard()) ? conditional.step() : null
        : step;
  }

  /** Whether the step changes the response. */
  public static boolean isOfResponse(Step step) {
    return switch (step) {
      case Conditional conditional -> isOfResponse(conditional.step());
      case Step.EditHeader edit -> edit.of() == Step.EditHeader.Of.RESPONSE;
      case Change.Edit edit -> edit.of() == Step.EditHeader.Of.RESPONSE;
      case Change.Replace replace -> replace.of() == Step.EditHeader.Of.RESPONSE;
      case Change.Status status -> true;
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
    if (step instanceof Conditional conditional) {
      Condition when = conditional.when();
      left = when.isOfResponse() ? when.resolve(this) : null;
      if (left == null && !when.test(this)) {
        return null;
      }
      edit = conditional.step();
    }
    return new ResponseEdit(
        edit instanceof Change.Edit value
            ? new Change.Edit(
                value.of(), value.how(), value.name(), value.value().resolve(this, Escape.HEADER))
            : edit,
        left);
  }

  /** Whether the condition holds; that of a guard, for any form of the path. */
  public boolean holds(Condition when, boolean guard) {
    if (when.test(this)) {
      return true;
    }
    if (!guard || !when.isOfPath()) {
      return false;
    }
    String raw = withoutQuery(target);
    if (holdsOn(when, raw)) {
      return true;
    }
    return PathForms.isReducible(raw) && holdsOn(when, NormalTarget.of(PathForms.reduced(raw)));
  }

  private boolean holdsOn(Condition when, String other) {
    if (other.equals(path)) {
      return false;
    }
    form = other;
    try {
      return when.test(this);
    } finally {
      form = null;
    }
  }

  /** Makes a change of the request. */
  public void run(Change change) {
    switch (change) {
      case Change.Edit edit ->
          fields.apply(edit.how(), edit.name(), edit.value().render(this, Escape.HEADER));
      case Change.Replace replace -> fields.apply(replace);
      case Change.Variable variable -> {
        Map<String, String> known = variables == null ? new HashMap<>() : variables;
        variables = known;
        known.put(variable.name(), variable.value().render(this, Escape.TEXT));
      }
      case Change.Path to -> moveTo(to.value().render(this, Escape.PATH));
      case Change.Rewrite rewrite ->
          rewritten(rewrite.pattern().replaceAll(path, rewrite.replacement()));
      case Change.Query query -> query(query.value());
      case Change.Host host -> host(host.value().render(this, Escape.HEADER));
      case Change.Method to -> {
        if (!isWebSocket()) {
          method = to.after(sentMethod(), to.value().render(this, Escape.HEADER));
        }
      }
      case Change.Status to -> throw new IllegalStateException("of the response: " + to);
      case Change.Pool to -> pool = to.pool();
    }
  }

  /** Makes a change of the path. */
  public void run(Step.Rewrite rewrite) {
    rewritten(rewrite.apply(path));
  }

  private void rewritten(String next) {
    if (!next.equals(path)) {
      moveTo(next);
    }
  }

  private void moveTo(String next) {
    String from = next.startsWith("/") ? next : "/" + next;
    int question = target.indexOf('?');
    target = question < 0 ? from : from + target.substring(question);
    path = NormalTarget.of(from);
  }

  private void query(Template value) {
    String query = value.render(this, Escape.QUERY);
    int start = 0;
    while (start < query.length() && "?&".indexOf(query.charAt(start)) >= 0) {
      start++;
    }
    String bare = withoutQuery(target);
    target = start == query.length() ? bare : bare + "?" + query.substring(start);
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
      fields.set("host", List.of(value));
    }
  }

  private static String withoutQuery(String target) {
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
      case Step.EditHeader plain -> fields.apply(plain.how(), plain.name(), plain.value());
      case Change.Edit value ->
          fields.apply(value.how(), value.name(), value.value().render(this, Escape.HEADER));
      case Change.Replace replace -> fields.apply(replace);
      case Change.Status to -> status = to.after(status);
      default -> throw new IllegalStateException("not a change of the response: " + edit);
    }
  }

  /** Takes the path and the query as another's filter has changed them. */
  protected final void moved(String target, String path) {
    this.target = target;
    this.path = path;
  }

  /** The pool that a step has named; null if none has. */
  public @Nullable PoolId chosenPool() {
    return pool;
  }

  /** The method that the server gets; conditions and values see the client's. */
  public final String sentMethod() {
    String changed = method;
    return changed == null ? method() : changed;
  }

  @Override
  public final String path() {
    return form == null ? path : form;
  }

  @Override
  public final String target() {
    return target;
  }

  @Override
  public final List<String> headers(String name) {
    return fields.all(name);
  }

  @Override
  public final @Nullable String variable(String name) {
    return variables == null ? null : variables.get(name);
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
    List<String> hosts = fields.all("host");
    return hosts.isEmpty() ? "" : hosts.getFirst();
  }
}
