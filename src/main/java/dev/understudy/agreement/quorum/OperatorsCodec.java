package dev.understudy.agreement.quorum;

import dev.understudy.agreement.AgentOverride;
import dev.understudy.agreement.OperatorStates;
import dev.understudy.agreement.RoleOperators;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.ServerId;
import dev.understudy.text.Words;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Converts the operators of a record to and from attributes in JSON; none is written that says
 * nothing. What cannot be read, after an edit by hand or in a later schema, counts as not known.
 *
 * <pre>
 * switched-by  {"name":"alice","reason":"disk swap"}
 * pinned-by    the same
 * states-by    [{"server":"sen1","state":"drain","name":"alice","reason":"disk swap"}], newest last;
 *              with "over":"maintenance","at":"2026-01-01T00:00:00Z" over what an agent said then
 * </pre>
 */
final class OperatorsCodec {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String SWITCHED = "switched-by";
  private static final String PINNED = "pinned-by";
  private static final String STATES = "states-by";

  private OperatorsCodec() {}

  static void write(
      RoleOperators operators, OperatorStates states, Map<String, String> attributes) {
    put(attributes, SWITCHED, operators.ofSwitch());
    put(attributes, PINNED, operators.ofPin());
    if (!states.acts().isEmpty()) {
      ArrayNode rows = JSON.createArrayNode();
      states.acts().forEach((server, act) -> add(rows, server, act));
      attributes.put(STATES, JSON.writeValueAsString(rows));
    }
  }

  private static void put(
      Map<String, String> attributes, String attribute, @Nullable Operator operator) {
    if (operator != null) {
      attributes.put(
          attribute, JSON.writeValueAsString(withOperator(JSON.createObjectNode(), operator)));
    }
  }

  private static void add(ArrayNode rows, ServerId server, OperatorStates.Act act) {
    ObjectNode row = rows.addObject();
    row.put("server", server.value()).put("state", Words.lower(act.state()));
    if (act.operator() != null) {
      withOperator(row, act.operator());
    }
    AgentOverride over = act.over();
    if (over != null) {
      row.put("over", Words.lower(over.state())).put("at", over.at().toString());
    }
  }

  private static ObjectNode withOperator(ObjectNode form, Operator operator) {
    form.put("name", operator.name());
    if (operator.reason() != null) {
      form.put("reason", operator.reason());
    }
    return form;
  }

  static RoleOperators operators(Map<String, String> attributes) {
    Operator ofSwitch = operator(VoterCodec.tree(attributes.get(SWITCHED)));
    Operator ofPin = operator(VoterCodec.tree(attributes.get(PINNED)));
    return ofSwitch == null && ofPin == null
        ? RoleOperators.NONE
        : new RoleOperators(ofSwitch, ofPin);
  }

  static Map<ServerId, OperatorStates.Act> acts(Map<String, String> attributes) {
    Map<ServerId, OperatorStates.Act> acts = new LinkedHashMap<>();
    for (JsonNode row : VoterCodec.tree(attributes.get(STATES))) {
      Operator operator = operator(row);
      ServerId server = RecordCodec.server(text(row.path("server")));
      OperatorState state = RecordCodec.state(text(row.path("state")));
      AgentOverride over = override(row);
      if ((operator != null || over != null) && server != null && state != null) {
        acts.put(server, new OperatorStates.Act(state, operator, over));
      }
    }
    return acts;
  }

  private static @Nullable AgentOverride override(JsonNode row) {
    OperatorState state = RecordCodec.state(text(row.path("over")));
    Instant at = VoterCodec.readable(Instant::parse, text(row.path("at")));
    return state == null || at == null ? null : new AgentOverride(state, at);
  }

  private static @Nullable Operator operator(JsonNode form) {
    return Operator.ofStored(text(form.path("name")), text(form.path("reason")));
  }

  private static @Nullable String text(JsonNode node) {
    return node.isString() ? node.stringValue() : null;
  }
}
