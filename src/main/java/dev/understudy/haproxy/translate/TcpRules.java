package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.AclComparison;
import dev.understudy.haproxy.acl.TcpClient;
import dev.understudy.haproxy.acl.TermContext;
import dev.understudy.haproxy.acl.TranslatedCondition;
import dev.understudy.haproxy.acl.TranslatedCondition.Compared;
import dev.understudy.haproxy.acl.TranslatedCondition.Constant;
import dev.understudy.haproxy.syntax.Statement;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The rules of a TCP frontend that tell its clients apart, in order: {@code tcp-request content},
 * then {@code use_backend}.
 */
final class TcpRules {
  /** Stands for the {@code use_backend} rules, to which clients come that are accepted. */
  private static final String ACCEPTED = "\u0001";

  /**
   * Clients that a rule leads.
   *
   * @param condition with comparisons as leaves
   * @param backend {@link TcpClientTable#CLOSED} for none
   */
  private record Case(TranslatedCondition condition, String backend) {}

  /** A rule, and what is known of clients when it is reached. */
  static final class Rule {
    final Statement statement;
    private final List<Case> cases = new ArrayList<>();

    /** What its condition depends on beyond the kind of client. */
    final Set<String> undecided = new LinkedHashSet<>();

    /** Whether a client has come to it. */
    boolean isReached;

    /** Whether its condition has held for a client. */
    boolean isMet;

    private Rule(Statement statement) {
      this.statement = statement;
    }

    /** Adds clients; those of cases before are led there. */
    Rule add(TranslatedCondition condition, String backend) {
      cases.add(new Case(condition, backend));
      return this;
    }

    boolean accepts() {
      return cases.stream().anyMatch(each -> each.backend().equals(ACCEPTED));
    }

    boolean refuses() {
      return statement.keyword().equals("tcp-request") && !accepts();
    }

    boolean isConditional() {
      return cases.stream().anyMatch(each -> !each.condition().isAlways());
    }

    /** The comparisons of its condition. */
    Stream<AclComparison> tests() {
      return cases.stream()
          .flatMap(each -> each.condition().leaves(Compared.class))
          .map(Compared::test);
    }

    boolean asks(Predicate<AclComparison> what) {
      return tests().anyMatch(what);
    }

    private TranslatedCondition holds(Case of, TcpClient client, TermContext context) {
      TranslatedCondition holds =
          of.condition()
              .each(leaf -> leaf instanceof Compared it ? client.holds(it.test(), context) : leaf);
      isReached = true;
      isMet |= holds.isAlways();
      holds
          .leaves()
          .filter(leaf -> !(leaf instanceof Constant))
          .map(leaf -> leaf instanceof TranslatedCondition.Unknown it ? it.why() : leaf.text())
          .forEach(undecided::add);
      return holds;
    }
  }

  private final TermContext context;
  private final List<Rule> contents = new ArrayList<>();
  private final List<Rule> uses = new ArrayList<>();

  /** The backend of all that no rule leads; {@link TcpClientTable#CLOSED} for none. */
  String defaultBackend = TcpClientTable.CLOSED;

  TcpRules(TermContext context) {
    this.context = context;
  }

  /** Clients that it accepts skip later {@code tcp-request content} rules. */
  void accept(Statement statement, TranslatedCondition condition) {
    add(contents, statement).add(condition, ACCEPTED);
  }

  void refuse(Statement statement, TranslatedCondition condition) {
    add(contents, statement).add(condition, TcpClientTable.CLOSED);
  }

  /** A {@code use_backend}, so far without a case. */
  Rule use(Statement statement) {
    return add(uses, statement);
  }

  private static Rule add(List<Rule> to, Statement statement) {
    Rule rule = new Rule(statement);
    to.add(rule);
    return rule;
  }

  /** The comparisons of all rules. */
  List<AclComparison> tests() {
    return Stream.concat(contents.stream(), uses.stream()).flatMap(Rule::tests).distinct().toList();
  }

  /** The rules that refuse or lead, in their order. */
  List<Rule> deciding() {
    return Stream.concat(contents.stream(), uses.stream())
        .filter(each -> !each.accepts() && !each.cases.isEmpty())
        .toList();
  }

  /** Where such clients may be led: one backend, or several if a condition depends on more. */
  Set<String> backends(TcpClient client) {
    Set<String> found = lead(contents, client, ACCEPTED);
    if (found.remove(ACCEPTED)) {
      found.addAll(lead(uses, client, defaultBackend));
    }
    return found;
  }

  private Set<String> lead(List<Rule> rules, TcpClient client, String otherwise) {
    Set<String> found = new LinkedHashSet<>();
    for (Rule rule : rules) {
      for (Case each : rule.cases) {
        TranslatedCondition holds = rule.holds(each, client, context);
        if (!holds.isNever()) {
          found.add(each.backend());
        }
        if (holds.isAlways()) {
          return found;
        }
      }
    }
    found.add(otherwise);
    return found;
  }
}
