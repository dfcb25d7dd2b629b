package dev.understudy.proxy.filter;

import dev.understudy.condition.Escape;
import dev.understudy.condition.Facts;
import dev.understudy.condition.Template;
import dev.understudy.pool.FilterKind;
import dev.understudy.pool.FilterKind.Trait;
import dev.understudy.proxy.http.HttpToken;

/**
 * Edits a header field of the request on its way, or of the response on its way back.
 *
 * @param value empty where {@code how} is {@code REMOVE}
 */
public record EditHeader(Of of, How how, String name, String value) implements Step {
  public static final FilterKind ADD_REQUEST_HEADER =
      FilterKind.gateway("AddRequestHeader", "name", "value")
          .with(Trait.FREE_TEXT)
          .firstShown()
          .naming(1);

  public static final FilterKind ADD_RESPONSE_HEADER =
      FilterKind.gateway("AddResponseHeader", "name", "value", "override")
          .with(Trait.SERVER_RESPONSE, Trait.RESPONSE_CONDITION, Trait.FREE_TEXT)
          .firstShown();

  public static final FilterKind REMOVE_REQUEST_HEADER =
      FilterKind.gateway("RemoveRequestHeader", "name").with(Trait.REQUIRED).shown().naming(1);

  public static final FilterKind REMOVE_RESPONSE_HEADER =
      FilterKind.gateway("RemoveResponseHeader", "name")
          .with(Trait.REQUIRED, Trait.SERVER_RESPONSE, Trait.RESPONSE_CONDITION)
          .shown();

  /** Example: {@code SetRequestHeader=X-Client, {client.address}} */
  public static final FilterKind SET_REQUEST_HEADER =
      FilterKind.gateway("SetRequestHeader", "name", "value")
          .with(Trait.FREE_TEXT)
          .firstShown()
          .naming(1);

  public static final FilterKind SET_RESPONSE_HEADER =
      FilterKind.gateway("SetResponseHeader", "name", "value")
          .with(Trait.SERVER_RESPONSE, Trait.RESPONSE_CONDITION, Trait.FREE_TEXT)
          .firstShown();

  /** The message that is edited. */
  public enum Of {
    REQUEST,
    RESPONSE
  }

  /** The kind of edit; {@code ADD_IF_MISSING} also adds the field if all its values are blank. */
  public enum How {
    ADD,
    ADD_IF_MISSING,
    SET,
    REMOVE
  }

  /**
   * Compiles an edit. Without condition and values, and with the route's own variables, the Gateway
   * judges it, which takes any text.
   */
  static Step compile(FilterSource source, Of of, How how) throws NotCompilableException {
    boolean removes = how == How.REMOVE;
    boolean values = !removes && source.hasValues();
    if (source.isConditional() && !values && source.namesVariable()) {
      throw source.placeholder();
    }
    boolean judged = source.isConditional() || values || (!removes && source.hasOtherBraces());
    FilterArguments args = judged ? source.arguments() : source.left();
    String name = args.required("name");
    How exact = how == How.ADD && !args.flag("override", true) ? How.ADD_IF_MISSING : how;
    String value = removes ? "" : args.required("value");
    if (!judged && !(value.equals(value.trim()) && FilterSource.isVisible(value))) {
      throw new NotCompilableException(
          "a header's value has characters that not every server takes");
    }
    if (!judged && !HttpToken.is(name)) {
      throw new NotCompilableException("the header name has invalid characters");
    }
    if (!judged || removes) {
      return new EditHeader(of, exact, FilterSource.token(name), value);
    }
    Template template = source.template(FilterSource.visible(value, "value"));
    if (of == Of.REQUEST && template.isOfResponse()) {
      throw new IllegalArgumentException(
          "expected values of the request only, found one of the response");
    }
    return new WithValues(of, exact, FilterSource.token(name), template);
  }

  /** Applies the edit. */
  public void apply(HeaderFields fields) {
    fields.apply(how, name, value);
  }

  /** Edits of the response wait for it. */
  @Override
  public FilterResult apply(RouteRequest request) {
    if (of == Of.REQUEST) {
      request.edit(this::apply);
    }
    return FilterResult.PASS;
  }

  @Override
  public String changedField() {
    return name;
  }

  @Override
  public void changeForm(RequestFacts facts) {
    apply(facts.form().fields);
  }

  @Override
  public boolean isOfResponse() {
    return of == Of.RESPONSE;
  }

  @Override
  public void respond(RequestFacts facts, HeaderFields fields) {
    apply(fields);
  }

  /** An edit with a value of the request. */
  record WithValues(Of of, How how, String name, Template value) implements ChangeStep {
    @Override
    public String changedField() {
      return name;
    }

    @Override
    public boolean change(RequestFacts facts) {
      if (value.isAbsent(facts)) {
        facts.form().emptied(name);
      }
      facts.form().fields.apply(how, name, value.render(facts, Escape.HEADER));
      return true;
    }

    @Override
    public boolean isOfResponse() {
      return of == Of.RESPONSE;
    }

    @Override
    public Step resolved(Facts request) {
      return new WithValues(of, how, name, value.resolve(request, Escape.HEADER));
    }

    @Override
    public void respond(RequestFacts facts, HeaderFields fields) {
      fields.apply(how, name, value.render(facts, Escape.HEADER));
    }
  }
}
