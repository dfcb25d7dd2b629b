package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.TermDifference;
import dev.understudy.haproxy.acl.TranslatedCondition;
import dev.understudy.haproxy.acl.TranslatedCondition.Constant;
import dev.understudy.haproxy.report.VerdictLedger;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.translate.BackendSelection.Choice;
import dev.understudy.pool.FilterKind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The lines of a section that lead requests to backends, judged together: where one of the backends
 * refuses requests, a line that leads past it is a guard.
 *
 * <p>Routes match on the normalised path, HAProxy's lines on the path as it came: {@code
 * /admin/../x} is led by the former past a backend of {@code /admin}. A filter that denies sees
 * every form, so each route has one for what other forms of its paths would meet elsewhere.
 */
final class BackendGuards {
  /**
   * Guards that protect no path: two ask clients to come in another way, and a rate limit is for
   * the servers behind it, which another form of the path does not reach.
   */
  private static final Set<String> OF_NO_PATH =
      Set.of("RedirectToHttps", "RequireWebSocketUpgrade", "RateLimit");

  /**
   * A choice, and what becomes of its requests.
   *
   * @param refuses holds for the requests that are kept from servers
   */
  private record Judged(Choice choice, TranslatedCondition refuses) {
    String backend() {
      return choice.backend();
    }

    TranslatedCondition when() {
      return choice.when();
    }

    boolean mayRefuse() {
      return !refuses.isNever();
    }

    boolean isGuard() {
      return !choice.refuses() && mayRefuse();
    }
  }

  private final List<Judged> all = new ArrayList<>();

  /**
   * Adds a choice behind the others.
   *
   * @param own the filters of its requests
   */
  void add(Choice choice, List<ImportedFilter> own) {
    TranslatedCondition any =
        TranslatedCondition.any(
            own.stream()
                .filter(each -> protectsPath(each.name()))
                .map(ImportedFilter::when)
                .toList());
    all.add(new Judged(choice, isOfRequest(any) ? any.bare() : Constant.TRUE));
  }

  private static boolean protectsPath(String filter) {
    return FilterKind.of(filter).is(FilterKind.Trait.GUARD) && !OF_NO_PATH.contains(filter);
  }

  /** Names the lines that lead past a guard what HAProxy leads there. */
  void judgeWeaker(VerdictLedger ledger) {
    for (int i = 0; i < all.size(); i++) {
      List<TermDifference> differences = pastGuard(i);
      if (TermDifference.areWeaker(differences)) {
        Statement line = all.get(i).choice().line();
        ledger.guardApproximated(line, TermDifference.text(differences));
        ledger.guardApproximated(
            line,
            "so requests that this line leads elsewhere may miss a backend that refuses them");
      }
    }
  }

  /** Whether a backend, or no backend at all, keeps requests from servers. */
  boolean mayRefuse() {
    return all.stream().anyMatch(Judged::mayRefuse);
  }

  /** Whether a condition reads nothing that rules of the backend may have set. */
  private static boolean isOfRequest(TranslatedCondition condition) {
    return !condition.reads("variable", "header");
  }

  /**
   * How the terms of a line differ from HAProxy's. Some make a guard weaker, if the line leads past
   * that what HAProxy's leads there: to another backend, as it holds for fewer requests, or to its
   * own, as it holds for more.
   */
  private List<TermDifference> pastGuard(int of) {
    Judged choice = all.get(of);
    boolean own = choice.isGuard();
    boolean later = isGuardLater(of);
    TranslatedCondition when = own ? choice.when().ofGuard(false) : choice.when();
    return (later ? when.ofGuard(true) : when).notes();
  }

  /** Whether requests meet a guard of a later line, if no term of this line's kinds holds. */
  private boolean isGuardLater(int of) {
    Set<String> kinds = new HashSet<>();
    all.get(of).when().leaves().forEach(leaf -> kinds.add(kind(leaf)));
    for (Judged other : all.subList(of + 1, all.size())) {
      TranslatedCondition when =
          other.when().each(leaf -> kinds.contains(kind(leaf)) ? Constant.FALSE : leaf);
      if (other.isGuard() && !other.backend().equals(all.get(of).backend()) && !when.isNever()) {
        return true;
      }
      if (when.isAlways()) {
        return false;
      }
    }
    return false;
  }

  /** What a term looks at, as {@code host}. */
  private static String kind(TranslatedCondition leaf) {
    return leaf instanceof TranslatedCondition.Term term ? term.text().split("[(-]", 2)[0] : "";
  }

  /**
   * Denies those requests to one of the choices whose path, written in another form, would lead to
   * another choice that refuses it.
   */
  Optional<ImportedFilter> pathGuard(int of) {
    List<TranslatedCondition> parts = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      Judged other = all.get(i);
      boolean may = all.get(Math.min(i, of)).when().readsPath();
      if (i != of && may && !other.backend().equals(all.get(of).backend()) && other.mayRefuse()) {
        parts.add(
            TranslatedCondition.all(form(i, TranslatedCondition::readsPath), other.refuses()));
      }
    }
    return deny(parts);
  }

  /** Denies all requests whose path, written in another form, would lead to one that refuses it. */
  Optional<ImportedFilter> pathGuard(BackendsByVariable chosen) {
    List<TranslatedCondition> parts = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      Judged each = all.get(i);
      TranslatedCondition form = form(i, any -> true);
      if (form.readsPath() && each.mayRefuse()) {
        parts.add(
            TranslatedCondition.all(
                form, each.refuses(), TranslatedCondition.not(chosen.isChosen(each.backend()))));
      }
    }
    return deny(parts);
  }

  /**
   * Holds for the forms of paths that lead to a choice.
   *
   * @param before the choices before that count, as the request may meet them
   */
  private TranslatedCondition form(int to, Predicate<TranslatedCondition> before) {
    List<TranslatedCondition> parts = new ArrayList<>();
    parts.add(all.get(to).when().bare());
    all.subList(0, to).stream()
        .map(Judged::when)
        .filter(before)
        .forEach(each -> parts.add(TranslatedCondition.not(each.bare())));
    return TranslatedCondition.all(parts);
  }

  private static Optional<ImportedFilter> deny(List<TranslatedCondition> parts) {
    TranslatedCondition when = TranslatedCondition.any(parts);
    return when.isNever()
        ? Optional.empty()
        : Optional.of(
            ImportedFilter.deny(
                "403", when, "Paths that another backend refuses in another form."));
  }
}
