package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.TranslatedCondition;
import dev.understudy.haproxy.acl.TranslatedCondition.Term;
import dev.understudy.haproxy.translate.BackendSelection.Choice;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Backends that filters of one route choose, by a variable that the first rule sets whose condition
 * holds. So conditions see the request as the rules before have changed it, and each backend has
 * rules of its own.
 */
final class BackendsByVariable {
  /** No variable of a HAProxy configuration becomes one with a dot in its name. */
  private static final String VARIABLE = "understudy.backend";

  /** No pool has this name. */
  private static final String REFUSED = "-";

  /** Holds for requests without a choice. */
  private static final TranslatedCondition NONE =
      TranslatedCondition.not(new Term("variable(" + VARIABLE + ")"));

  private final ImportContext context;
  private final List<Choice> choices;

  /**
   * @param choices in the order of the rules
   */
  BackendsByVariable(ImportContext context, List<Choice> choices) {
    this.context = context;
    // Requests without a choice are refused anyway.
    boolean refuses =
        !choices.isEmpty() && choices.getLast().refuses() && choices.getLast().when().isAlways();
    this.choices = refuses ? choices.subList(0, choices.size() - 1) : choices;
  }

  /** Holds for requests that are refused; false if there are none. */
  TranslatedCondition refused() {
    boolean always = choices.stream().anyMatch(each -> each.when().isAlways());
    TranslatedCondition unset = always ? TranslatedCondition.Constant.FALSE : NONE;
    return choices.stream().anyMatch(Choice::refuses)
        ? TranslatedCondition.any(unset, is(REFUSED))
        : unset;
  }

  /** The filters that set the variable, in the order of the rules. */
  List<ImportedFilter> choices() {
    List<ImportedFilter> filters = new ArrayList<>();
    for (Choice each : choices) {
      TranslatedCondition open =
          filters.isEmpty() ? each.when() : TranslatedCondition.all(each.when(), NONE);
      String value = each.refuses() ? REFUSED : context.pools.of(each.backend());
      Map<String, String> arguments = ImportedFilter.arguments("name", VARIABLE, "value", value);
      filters.add(new ImportedFilter("SetVariable", arguments, open, each.comments()));
    }
    return filters;
  }

  /** The backends, each once: the last one stays the last, as it is the default. */
  List<ProxySection> backends() {
    Set<String> names = new LinkedHashSet<>();
    choices.reversed().forEach(each -> names.add(each.backend()));
    names.remove("");
    return List.copyOf(names).reversed().stream().map(context::backend).toList();
  }

  /** The filter that leads to the pool of a backend. */
  ImportedFilter usePool(ProxySection backend) {
    return new ImportedFilter(
        "UsePool",
        Map.of("pool", context.pools.of(backend.name())),
        isChosen(backend.name()),
        List.of());
  }

  /** The filters, for requests of this backend only. */
  List<ImportedFilter> only(ProxySection backend, List<ImportedFilter> filters) {
    return filters.stream()
        .map(each -> each.on(TranslatedCondition.all(each.when(), isChosen(backend.name()))))
        .toList();
  }

  /** Holds for requests of this backend. */
  TranslatedCondition isChosen(String backend) {
    return is(context.pools.of(backend));
  }

  private static TranslatedCondition is(String value) {
    return new Term("variable(" + VARIABLE + ", " + value + ")");
  }
}
