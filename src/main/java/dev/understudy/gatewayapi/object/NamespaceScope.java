package dev.understudy.gatewayapi.object;

import java.util.List;
import java.util.Map;

/**
 * The namespaces whose objects may attach.
 *
 * @param labels that a namespace must have; with {@link From#SELECTOR} only
 * @param expressions that must hold for its labels; likewise
 */
public record NamespaceScope(From from, Map<String, String> labels, List<Expression> expressions) {
  /** How namespaces are chosen. */
  public enum From {
    ALL,
    SAME,
    SELECTOR,
    NONE
  }

  /** The operator of an expression. */
  public enum Operator {
    IN,
    NOT_IN,
    EXISTS,
    DOES_NOT_EXIST
  }

  /** One expression of a selector of labels. */
  public record Expression(String key, Operator operator, List<String> values) {
    public Expression {
      values = List.copyOf(values);
    }

    boolean holdsFor(Map<String, String> of) {
      String value = of.get(key);
      return switch (operator) {
        case IN -> value != null && values.contains(value);
        case NOT_IN -> value == null || !values.contains(value);
        case EXISTS -> value != null;
        case DOES_NOT_EXIST -> value == null;
      };
    }
  }

  public static final NamespaceScope SAME = of(From.SAME);
  public static final NamespaceScope NONE = of(From.NONE);

  public NamespaceScope {
    labels = Map.copyOf(labels);
    expressions = List.copyOf(expressions);
  }

  /** A scope without a selector. */
  public static NamespaceScope of(From from) {
    return new NamespaceScope(from, Map.of(), List.of());
  }

  /**
   * Whether it has a namespace.
   *
   * @param own the namespace of the object that has this scope
   * @param ofLabels the other namespace's labels
   */
  public boolean contains(String own, String namespace, Map<String, String> ofLabels) {
    return switch (from) {
      case ALL -> true;
      case SAME -> own.equals(namespace);
      case NONE -> false;
      case SELECTOR ->
          ofLabels.entrySet().containsAll(labels.entrySet())
              && expressions.stream().allMatch(each -> each.holdsFor(ofLabels));
    };
  }
}
