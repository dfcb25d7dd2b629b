package dev.understudy.notification;

import dev.understudy.text.UtcTime;
import dev.understudy.text.Words;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes messages in the {@link Format} of their receiver: of one notification, or a digest of
 * several, of which a text has the worst.
 */
final class Rendering {
  /** The most sentences of a digest. */
  static final int MOST_SENTENCES = 10;

  /** How long a lasting state stays an alert if its end is never heard of. */
  static final Duration LASTING = Duration.ofDays(1);

  private static final int MOST_ANNOTATION = 2_000;

  /** Parts of a document that tell alerts of one topic apart. */
  private static final Set<String> LABELS =
      Set.of("server", "replica", "certificate", "resource", "hook");

  /** Parts of a document that an alert has elsewhere. */
  private static final Set<String> ELSEWHERE =
      Set.of("id", "at", "pool", "kind", "level", "message", "over");

  private Rendering() {}

  /**
   * The body of a message.
   *
   * @param all oldest first, at least one
   */
  static String body(Format format, List<Notification> all, NotificationSource origin) {
    return switch (format) {
      case CLOUDEVENTS ->
          json(all.size() == 1 ? event(all.getFirst(), origin) : digest(all, origin));
      case SLACK -> json(Map.of("text", slack(all, origin)));
      case ALERTMANAGER ->
          json(all.stream().flatMap(each -> alerts(each, origin).stream()).toList());
      case TEXT -> text(all, origin);
    };
  }

  private static String json(Object document) {
    return JsonMapper.shared().writeValueAsString(document);
  }

  /** CloudEvents 1.0, with the extension {@code link}. */
  private static Map<String, Object> event(Notification of, NotificationSource origin) {
    String source = origin.source(of.replica());
    return event(of.id(), source, of.word(), of.pool(), of.at(), of.json(), origin);
  }

  private static Map<String, Object> event(
      String id,
      String source,
      String type,
      @Nullable String pool,
      Instant at,
      Object data,
      NotificationSource origin) {
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("specversion", "1.0");
    event.put("id", id);
    event.put("source", source);
    event.put("type", "dev.understudy." + type);
    put(event, "subject", pool);
    event.put("time", at.toString());
    event.put("datacontenttype", "application/json");
    put(event, "link", origin.link(pool));
    event.put("data", data);
    return event;
  }

  private static void put(Map<String, Object> to, String name, @Nullable String value) {
    if (value != null) {
      to.put(name, value);
    }
  }

  private static Map<String, Object> digest(List<Notification> all, NotificationSource origin) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("count", all.size());
    data.put("from", all.getFirst().at().toString());
    data.put("to", all.getLast().at().toString());
    data.put("topics", counts(all));
    data.put("events", all.stream().map(Notification::json).toList());
    return event(
        all.getFirst().id() + ".." + all.getLast().id(),
        origin.source(origin.replica()),
        "digest",
        null,
        all.getLast().at(),
        data,
        origin);
  }

  private static Map<String, Long> counts(List<Notification> all) {
    return all.stream()
        .collect(Collectors.groupingBy(Notification::word, TreeMap::new, Collectors.counting()));
  }

  /** The most severe ones in the order of time. */
  private static List<Notification> worst(List<Notification> all) {
    return all.stream()
        .sorted(Comparator.comparingInt((Notification each) -> each.level().toInt()).reversed())
        .limit(MOST_SENTENCES)
        .sorted(Comparator.comparing(Notification::at))
        .toList();
  }

  private static String text(List<Notification> all, NotificationSource origin) {
    String link = origin.link(all.size() == 1 ? all.getFirst().pool() : null);
    return String.join("\n", sentences(all)) + "\n" + (link == null ? "" : link + "\n");
  }

  private static List<String> sentences(List<Notification> all) {
    if (all.size() == 1) {
      return List.of(all.getFirst().message());
    }
    List<String> lines = new ArrayList<>();
    lines.add(
        "%d events from %s to %s: %s"
            .formatted(
                all.size(),
                UtcTime.clock(all.getFirst().at()),
                UtcTime.clock(all.getLast().at()),
                counts(all).entrySet().stream()
                    .map(each -> each.getValue() + " " + each.getKey())
                    .collect(Collectors.joining(", "))));
    worst(all).forEach(each -> lines.add("- " + each.message()));
    if (all.size() > MOST_SENTENCES) {
      lines.add("and " + (all.size() - MOST_SENTENCES) + " more");
    }
    return lines;
  }

  /** As Slack's incoming webhooks escape text, with a link behind it. */
  private static String slack(List<Notification> all, NotificationSource origin) {
    Level worst =
        all.stream().map(Notification::level).max(Comparator.comparingInt(Level::toInt)).get();
    String link = origin.link(all.size() == 1 ? all.getFirst().pool() : null);
    String text =
        String.join("\n", sentences(all))
            .replace("&", "&amp;")
            .replace("<", "&lt;")
            .replace(">", "&gt;");
    return "*" + severity(worst) + "* " + text + (link == null ? "" : " <" + link + "|console>");
  }

  private static String severity(Level level) {
    return switch (level) {
      case ERROR -> "critical";
      case WARN -> "warning";
      default -> "info";
    };
  }

  /**
   * Alerts of Alertmanager's API v2: of what happened, and of the lasting state that it ends. What
   * only happens has no end, so that Alertmanager's {@code resolve_timeout} ends it.
   */
  private static List<Map<String, Object>> alerts(Notification of, NotificationSource origin) {
    List<Map<String, Object>> alerts = new ArrayList<>();
    Topic topic = of.topic();
    Topic ends = of.ends();
    if (topic == null || topic != ends) {
      Level lasting = topic == null ? null : topic.lasting();
      alerts.add(
          alert(of, of.word(), lasting, lasting == null ? null : of.at().plus(LASTING), origin));
    }
    if (ends != null) {
      alerts.add(alert(of, ends.word(), ends.lasting(), of.at(), origin));
    }
    return alerts;
  }

  private static Map<String, Object> alert(
      Notification of,
      String topic,
      @Nullable Level lasting,
      @Nullable Instant end,
      NotificationSource origin) {
    Map<String, Object> labels = new LinkedHashMap<>();
    Map<String, Object> annotations = new LinkedHashMap<>();
    labels.put("alertname", name(topic));
    labels.put("installation", origin.installation());
    put(labels, "pool", of.pool());
    put(labels, "replica", of.replica());
    labels.put("severity", severity(lasting == null ? of.level() : lasting));
    annotations.put("summary", of.message());
    for (Map.Entry<String, JsonNode> part : of.json().properties()) {
      String value = Words.cut(part.getValue().asString(""), MOST_ANNOTATION);
      if (!value.isEmpty() && !ELSEWHERE.contains(part.getKey())) {
        (LABELS.contains(part.getKey()) ? labels : annotations).put(part.getKey(), value);
      }
    }
    Map<String, Object> alert = new LinkedHashMap<>();
    alert.put("labels", labels);
    alert.put("annotations", annotations);
    alert.put("startsAt", of.at().toString());
    put(alert, "endsAt", end == null ? null : end.toString());
    put(alert, "generatorURL", origin.link(of.pool()));
    return alert;
  }

  /** {@code UnderstudyNobodyServes} for {@code nobody-serves}. */
  private static String name(String topic) {
    StringBuilder name = new StringBuilder("Understudy");
    for (String word : topic.split("-", -1)) {
      name.append(Character.toUpperCase(word.charAt(0))).append(word, 1, word.length());
    }
    return name.toString();
  }
}
