package dev.understudy.hook;

import dev.understudy.pool.Hook;
import dev.understudy.pool.Operator;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.HookCall;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** What a call of a hook sends, or starts. */
public sealed interface HookInvocation {
  /** A POST with that body, in JSON. */
  record Http(URI url, Map<String, String> headers, String body) implements HookInvocation {
    /** Leaves out the header fields, which may hold secrets. */
    @Override
    public String toString() {
      return "POST " + url + " " + body;
    }
  }

  /** A program of the directory of hooks, with variables beside its usual environment. */
  record Command(String program, List<String> arguments, Map<String, String> environment)
      implements HookInvocation {}

  /** What {@code call} does by the settings of {@code hook}. */
  static HookInvocation of(HookCall call, Hook hook) {
    Server server = call.server();
    Map<String, @Nullable Object> facts = facts(call);
    if (hook.url() == null) {
      return new Command(
          hook.command().getFirst(),
          hook.command().stream()
              .skip(1)
              .map(each -> Hook.expand(each, call.pool().id(), server))
              .toList(),
          environment(facts));
    }
    Map<String, String> headers = new LinkedHashMap<>(hook.headers());
    headers.put("Content-Type", "application/json");
    headers.put("Understudy-Epoch", Long.toString(call.epoch()));
    headers.put("Idempotency-Key", call.key());
    return new Http(
        URI.create(Hook.expand(hook.url(), call.pool().id(), server)),
        headers,
        JsonMapper.shared().writeValueAsString(facts));
  }

  /** What {@code call} of a hook that its pool has does, without what may be a secret. */
  static HookInvocation masked(HookCall call) {
    Hook hook = Objects.requireNonNull(call.pool().settings().hooks().of(call.promote()));
    return of(call, hook.masked());
  }

  private static Map<String, @Nullable Object> facts(HookCall call) {
    Operator operator = call.operator();
    Map<String, @Nullable Object> facts = new LinkedHashMap<>();
    facts.put("pool", call.pool().id().value());
    facts.put("hook", call.hook());
    facts.put("server", call.server().id().value());
    facts.put("from", ServerId.text(call.from()));
    facts.put("to", ServerId.text(call.to()));
    facts.put("epoch", call.epoch());
    facts.put("reason", call.reason().name());
    facts.put("evidence", call.evidence());
    facts.put("operator", operator == null ? null : operator.name());
    facts.put("operatorReason", operator == null ? null : operator.reason());
    facts.put("planned", call.planned());
    facts.put("acceptLoss", call.acceptLoss());
    return facts;
  }

  /** {@code UNDERSTUDY_OPERATOR_REASON} for {@code operatorReason}; what is not known is empty. */
  private static Map<String, String> environment(Map<String, @Nullable Object> facts) {
    Map<String, String> environment = new LinkedHashMap<>();
    facts.forEach(
        (name, value) ->
            environment.put(
                "UNDERSTUDY_"
                    + name.replaceAll("([A-Z])", "_$1").toUpperCase(java.util.Locale.ROOT),
                value == null ? "" : value.toString()));
    return environment;
  }
}
