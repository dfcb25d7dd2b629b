package dev.understudy.haproxy.yaml;

/** A node of a YAML document. */
public sealed interface YamlNode permits YamlAlias, YamlList, YamlMap, YamlScalar {}
