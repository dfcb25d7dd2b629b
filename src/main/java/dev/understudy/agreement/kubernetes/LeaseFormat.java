package dev.understudy.agreement.kubernetes;

import dev.understudy.agreement.register.RegisterDocument;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.agreement.register.RegisterKey;
import dev.understudy.agreement.register.RegisterListing;
import dev.understudy.kubernetes.KubernetesClient;
import dev.understudy.kubernetes.KubernetesSettings;
import dev.understudy.text.Printable;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Converts documents to and from Leases in JSON. */
final class LeaseFormat {
  static final JsonMapper JSON = JsonMapper.builder().build();

  /** Prefix of our annotations; all others are foreign. */
  static final String ANNOTATION = "understudy.dev/";

  static final String MANAGED_BY = "app.kubernetes.io/managed-by";
  static final String INSTANCE = "app.kubernetes.io/instance";
  static final String US = KubernetesClient.US;

  private static final String API_VERSION = "coordination.k8s.io/v1";

  /** {@code leaseDurationSeconds} of a voter, which tells people its lifetime. */
  private static final int VOTER_SECONDS = 6;

  /** {@code metav1.MicroTime}: the API takes exactly six digits. */
  private static final DateTimeFormatter MICRO_TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  private final KubernetesSettings settings;
  private final String owner;

  /** UIDs of the existing Leases, by their names. */
  private final Map<String, String> uids = new ConcurrentHashMap<>();

  LeaseFormat(KubernetesSettings settings) {
    this.settings = settings;
    this.owner = settings.name() + "-records";
  }

  /**
   * Takes note of a Lease with our labels. {@code <name>-records} owns the pools' records that are
   * written from then on: chart and manifests have it, so that the records are deleted with them.
   */
  void seen(JsonNode lease) {
    uids.put(name(lease), lease.path("metadata").path("uid").asString(""));
  }

  /** A Lease is there no more. */
  void gone(String leaseName) {
    uids.remove(leaseName);
  }

  /** The UID of a Lease, by which {@code kubectl describe} finds its Events; empty if not known. */
  String uid(String leaseName) {
    return uids.getOrDefault(leaseName, "");
  }

  static String name(JsonNode lease) {
    return lease.path("metadata").path("name").asString("");
  }

  String leaseName(RegisterKey key) {
    return prefix(key.kind()) + key.name();
  }

  private String prefix(RegisterKey.Kind kind) {
    return settings.name() + "-" + kind.word() + "-";
  }

  /** The key of a Lease; null if its name is not one of this installation. */
  @Nullable RegisterKey key(JsonNode lease) {
    String leaseName = name(lease);
    return Stream.of(RegisterKey.Kind.values())
        .filter(kind -> leaseName.startsWith(prefix(kind)))
        .map(kind -> new RegisterKey(kind, leaseName.substring(prefix(kind).length())))
        .findFirst()
        .orElse(null);
  }

  /** Body of the POST that creates an entry's Lease. */
  String creation(RegisterKey key, RegisterDocument document) {
    ObjectNode lease = JSON.createObjectNode();
    lease.put("apiVersion", API_VERSION);
    lease.put("kind", "Lease");
    ObjectNode metadata = lease.putObject("metadata");
    metadata.put("name", leaseName(key));
    metadata.put("namespace", settings.namespace());
    metadata.set("labels", labels());
    metadata.set("annotations", annotations(document));
    metadata.set("ownerReferences", owners(key));
    lease.set("spec", spec(key, document));
    return JSON.writeValueAsString(lease);
  }

  /**
   * Body of the PATCH (RFC 6902) that replaces an entry's Lease at that revision. A PUT would
   * create the Lease anew if it was deleted meanwhile, whatever its {@code resourceVersion}.
   */
  String replacement(RegisterKey key, RegisterDocument document, long revision) {
    ArrayNode patch = JSON.createArrayNode();
    put(patch, "/metadata/resourceVersion").put("value", Long.toString(revision));
    put(patch, "/metadata/labels").set("value", labels());
    put(patch, "/metadata/annotations").set("value", annotations(document));
    put(patch, "/metadata/ownerReferences").set("value", owners(key));
    put(patch, "/spec").set("value", spec(key, document));
    return JSON.writeValueAsString(patch);
  }

  private static ObjectNode put(ArrayNode patch, String path) {
    return patch.addObject().put("op", "add").put("path", path);
  }

  /** Body of the DELETE of a Lease at that revision. */
  static String deletion(long revision) {
    ObjectNode options = JSON.createObjectNode();
    options.put("apiVersion", "v1");
    options.put("kind", "DeleteOptions");
    options.putObject("preconditions").put("resourceVersion", Long.toString(revision));
    return JSON.writeValueAsString(options);
  }

  private ObjectNode labels() {
    return JSON.createObjectNode().put(MANAGED_BY, US).put(INSTANCE, settings.name());
  }

  private static ObjectNode annotations(RegisterDocument document) {
    ObjectNode annotations = JSON.createObjectNode();
    document.attributes().forEach((name, value) -> annotations.put(annotation(name), value));
    return annotations;
  }

  private static String annotation(String attribute) {
    return attribute.startsWith(RegisterDocument.FOREIGN)
        ? attribute.substring(RegisterDocument.FOREIGN.length())
        : ANNOTATION + attribute;
  }

  private ArrayNode owners(RegisterKey key) {
    ArrayNode owners = JSON.createArrayNode();
    KubernetesSettings.Pod pod = settings.pod();
    String records = uid(owner);
    if (pod != null && key.kind() == RegisterKey.Kind.VOTER) {
      owner(owners, "v1", "Pod", pod.name(), pod.uid());
    } else if (key.kind() == RegisterKey.Kind.POOL && !records.isEmpty()) {
      owner(owners, API_VERSION, "Lease", owner, records);
    }
    return owners;
  }

  private static void owner(
      ArrayNode owners, String apiVersion, String kind, String name, String uid) {
    owners
        .addObject()
        .put("apiVersion", apiVersion)
        .put("kind", kind)
        .put("name", name)
        .put("uid", uid);
  }

  /** Newer API servers reject an empty {@code holderIdentity}: no holder leaves it out. */
  private ObjectNode spec(RegisterKey key, RegisterDocument document) {
    ObjectNode spec = JSON.createObjectNode();
    if (!document.holder().isEmpty()) {
      spec.put("holderIdentity", document.holder());
    }
    spec.put("leaseTransitions", document.transitions());
    spec.put("acquireTime", MICRO_TIME.format(document.acquired()));
    spec.put("renewTime", MICRO_TIME.format(document.renewed()));
    if (key.kind() == RegisterKey.Kind.VOTER) {
      spec.put("leaseDurationSeconds", VOTER_SECONDS);
    }
    return spec;
  }

  /** The entries of a list; Leases with our labels but other names are left out. */
  RegisterListing listing(JsonNode list) {
    List<RegisterEntry> entries = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (JsonNode lease : list.path("items")) {
      seen(lease);
      names.add(name(lease));
      RegisterEntry entry = entry(lease);
      if (entry != null) {
        entries.add(entry);
      }
    }
    uids.keySet().retainAll(names);
    return new RegisterListing(entries, revision(list));
  }

  /** The entry of a Lease; null if it is not one of this installation. */
  @Nullable RegisterEntry entry(JsonNode lease) {
    RegisterKey key = key(lease);
    return key == null ? null : new RegisterEntry(key, revision(lease), document(lease));
  }

  private static RegisterDocument document(JsonNode lease) {
    JsonNode spec = lease.path("spec");
    return new RegisterDocument(
        spec.path("holderIdentity").asString(""),
        Math.max(0, spec.path("leaseTransitions").asLong(0)),
        RegisterDocument.time(spec.path("acquireTime").asString("")),
        RegisterDocument.time(spec.path("renewTime").asString("")),
        attributes(lease.path("metadata").path("annotations")));
  }

  private static Map<String, String> attributes(JsonNode annotations) {
    Map<String, String> attributes = new HashMap<>();
    for (Map.Entry<String, JsonNode> each : annotations.properties()) {
      String name = each.getKey();
      attributes.put(
          name.startsWith(ANNOTATION)
              ? name.substring(ANNOTATION.length())
              : RegisterDocument.FOREIGN + name,
          each.getValue().asString(""));
    }
    return attributes;
  }

  /**
   * The object's {@code resourceVersion} as a number that grows. Kubernetes documents it as such
   * for all its own resources since 1.35; before, it was opaque by documentation, and the revision
   * of etcd in fact.
   *
   * @throws IllegalArgumentException if it is not a positive number
   */
  static long revision(JsonNode object) {
    String text = object.path("metadata").path("resourceVersion").asString("");
    try {
      long revision = Long.parseLong(text);
      if (revision > 0) {
        return revision;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "resourceVersion \"" + Printable.oneLine(text, 40) + "\" is not a number");
    }
    throw new IllegalArgumentException("resourceVersion is " + text);
  }
}
