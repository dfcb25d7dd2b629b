package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.AclTest;
import dev.understudy.haproxy.acl.Expression;
import dev.understudy.haproxy.acl.Expression.Compared;
import dev.understudy.haproxy.acl.Expression.Constant;
import dev.understudy.haproxy.acl.TcpClient;
import dev.understudy.haproxy.acl.TermContext;
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
   * @param backend {@link ClientTable#CLOSED} for none
   */
  private record Case(Expression condition, String backend) {}

  /** A rule, and what clients have shown of it. */
  static final class Rule {
    private final Statement statement;
    private final List<Case> cases = new ArrayList<>();

    /** What its condition depends on beyond the kind of client. */
    private final Set<String> undecided = new LinkedHashSet<>();

    private boolean isReached;
    private boolean isMet;

    private Rule(Statement statement) {
      this.statement = statement;
    }

    Statement statement() {
      return statement;
    }

    /** Adds clients; those of cases before are led there. */
    Rule add(Expression condition, String backend) {
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
      return cases.stream().anyMatch(each -> !each.condition().equals(Constant.TRUE));
    }

    /** The comparisons of its condition. */
    Stream<AclTest> tests() {
      return cases.stream()
          .flatMap(each -> each.condition().leaves())
          .filter(Compared.class::isInstance)
          .map(leaf -> ((Compared) leaf).test());
    }

    boolean asks(Predicate<AclTest> what) {
      return tests().anyMatch(what);
    }

    /** Whether a client has come to it. */
    boolean isReached() {
      return isReached;
    }

    /** Whether its condition has held for a client. */
    boolean isMet() {
      return isMet;
    }

    Set<String> undecided() {
      return undecided;
    }

    private Expression holds(Case of, TcpClient client, TermContext context) {
      Expression holds =
          of.condition()
              .each(leaf -> leaf instanceof Compared it ? client.holds(it.test(), context) : leaf);
      isReached = true;
      isMet |= holds.equals(Constant.TRUE);
      holds
          .leaves()
          .filter(leaf -> !(leaf instanceof Constant))
          .map(leaf -> leaf instanceof Expression.Unknown it ? it.why() : leaf.text())
          .forEach(undecided::add);
      return holds;
    }
  }

  private final TermContext context;
  private final List<Rule> contents = new ArrayList<>();
  private final List<Rule> uses = new ArrayList<>();
  private String standard = ClientTable.CLOSED;

  TcpRules(TermContext context) {
    this.context = context;
  }

  /** Clients that it accepts skip later {@code tcp-request content} rules. */
  void accept(Statement statement, Expression condition) {
    add(contents, statement).add(condition, ACCEPTED);
  }

  void refuse(Statement statement, Expression condition) {
    add(contents, statement).add(condition, ClientTable.CLOSED);
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

  /** The backend of all that no rule leads; {@link ClientTable#CLOSED} for none. */
  String standard() {
    return standard;
  }

  /** Leads all that no rule does. */
  void standard(String backend) {
    standard = backend;
  }

  /** The comparisons of all rules. */
  List<AclTest> tests() {
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
      found.addAll(lead(uses, client, standard));
    }
    return found;
  }

  private Set<String> lead(List<Rule> rules, TcpClient client, String otherwise) {
    Set<String> found = new LinkedHashSet<>();
    for (Rule rule : rules) {
      for (Case each : rule.cases) {
        Expression holds = rule.holds(each, client, context);
        if (!holds.equals(Constant.FALSE)) {
          found.add(each.backend());
        }
        if (holds.equals(Constant.TRUE)) {
          return found;
        }
      }
    }
    found.add(otherwise);
    return found;
  }
}
