package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.AclTest;
import dev.understudy.haproxy.acl.Expression;
import dev.understudy.haproxy.acl.Expression.Compared;
import dev.understudy.haproxy.acl.Expression.Constant;
import dev.understudy.haproxy.acl.TcpClient;
import dev.understudy.haproxy.acl.TermContext;
import dev.understudy.haproxy.syntax.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The rules of a TCP frontend that tell its clients apart, in order: {@code tcp-request content},
 * then {@code use_backend}.
 */
final class TcpRules {
  /** What a rule does with clients that its condition holds for. */
  private enum Action {
    ACCEPT,
    REFUSE,
    LEAD
  }

  /**
   * A rule.
   *
   * @param condition with comparisons as leaves
   * @param backend of {@link Action#LEAD}; {@link ClientTable#CLOSED} for none
   */
  private record Rule(Statement statement, Action action, Expression condition, String backend) {
    Expression holds(TcpClient client, TermContext context) {
      return condition.each(
          leaf ->
              leaf instanceof Compared compared ? client.holds(compared.test(), context) : leaf);
    }
  }

  private final TermContext context;
  private final List<Rule> contents = new ArrayList<>();
  private final List<Rule> uses = new ArrayList<>();
  private String standard = ClientTable.CLOSED;

  /** Lines that some clients reach. */
  private final Set<Statement> reached = new HashSet<>();

  /** Lines whose condition holds for some clients. */
  private final Set<Statement> held = new HashSet<>();

  /** What the conditions of lines depend on beyond the kind of client. */
  private final Map<Statement, Set<String>> undecided = new LinkedHashMap<>();

  TcpRules(TermContext context) {
    this.context = context;
  }

  /** Later {@code tcp-request content} rules do not see those clients. */
  void accept(Statement statement, Expression condition) {
    contents.add(new Rule(statement, Action.ACCEPT, condition, ClientTable.CLOSED));
  }

  void refuse(Statement statement, Expression condition) {
    contents.add(new Rule(statement, Action.REFUSE, condition, ClientTable.CLOSED));
  }

  /** Later {@code use_backend} rules do not see those clients. */
  void lead(Statement statement, Expression condition, String backend) {
    uses.add(new Rule(statement, Action.LEAD, condition, backend));
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
    return Stream.concat(contents.stream(), uses.stream())
        .flatMap(each -> tests(each.condition()))
        .distinct()
        .toList();
  }

  /** The lines that refuse or lead, but for those without a condition. */
  Set<Statement> conditional() {
    return Stream.concat(contents.stream(), uses.stream())
        .filter(each -> each.action() != Action.ACCEPT)
        .filter(each -> !each.condition().equals(Constant.TRUE))
        .map(Rule::statement)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** The lines that refuse or lead, in their order. */
  Set<Statement> statements() {
    return Stream.concat(contents.stream(), uses.stream())
        .filter(each -> each.action() != Action.ACCEPT)
        .map(Rule::statement)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** Whether a line has such a comparison. */
  boolean asks(Statement line, Predicate<AclTest> what) {
    return Stream.concat(contents.stream(), uses.stream())
        .filter(each -> each.statement().equals(line))
        .flatMap(each -> tests(each.condition()))
        .anyMatch(what);
  }

  private static Stream<AclTest> tests(Expression condition) {
    return condition
        .leaves()
        .filter(Compared.class::isInstance)
        .map(leaf -> ((Compared) leaf).test());
  }

  /** Whether a client of those asked for reaches a line. */
  boolean isReached(Statement line) {
    return reached.contains(line);
  }

  /** Whether a line's condition holds for a client of those asked for. */
  boolean holds(Statement line) {
    return held.contains(line);
  }

  /** The lines that refuse or lead by more than the kind of client, with what that is. */
  Map<Statement, Set<String>> undecided() {
    return undecided;
  }

  /** Where such clients may be led: one backend, or several if a condition depends on more. */
  Set<String> backends(TcpClient client) {
    Set<String> found = new LinkedHashSet<>();
    boolean mayPass = true;
    boolean mayBeAccepted = false;
    for (Rule rule : contents) {
      Expression holds = holds(rule, client);
      boolean always = holds.equals(Constant.TRUE);
      if (holds.equals(Constant.FALSE)) {
        continue;
      }
      if (rule.action() == Action.ACCEPT) {
        mayBeAccepted = true;
      } else {
        found.add(ClientTable.CLOSED);
      }
      if (always) {
        mayPass = rule.action() == Action.ACCEPT;
        break;
      }
    }
    if (mayPass || mayBeAccepted) {
      lead(client, found);
    }
    return found;
  }

  private Expression holds(Rule rule, TcpClient client) {
    Expression holds = rule.holds(client, context);
    reached.add(rule.statement());
    if (holds.equals(Constant.TRUE)) {
      held.add(rule.statement());
    } else if (!holds.equals(Constant.FALSE) && rule.action() != Action.ACCEPT) {
      undecided
          .computeIfAbsent(rule.statement(), any -> new LinkedHashSet<>())
          .addAll(dependsOn(holds));
    }
    return holds;
  }

  private static List<String> dependsOn(Expression condition) {
    return condition
        .leaves()
        .map(leaf -> leaf instanceof Expression.Unknown unknown ? unknown.why() : leaf.text())
        .toList();
  }

  private void lead(TcpClient client, Set<String> found) {
    for (Rule rule : uses) {
      Expression holds = holds(rule, client);
      if (!holds.equals(Constant.FALSE)) {
        found.add(rule.backend());
      }
      if (holds.equals(Constant.TRUE)) {
        return;
      }
    }
    found.add(standard);
  }
}
