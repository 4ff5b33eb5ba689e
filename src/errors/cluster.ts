import { errorTable } from './definition.ts';

/** Errors of the local cluster for development and tests (`npm run cluster`). */
export const clusterErrors = errorTable({
  CLUSTER_JAVA_MISSING: {
    message:
      'starting the local cluster: it needs Java 17 or later, but {reason}; install a JDK (Debian and Ubuntu: apt install ' +
      'openjdk-17-jdk-headless, macOS: brew install openjdk@17, others: https://adoptium.net) and put java on PATH or set JAVA_HOME',
    domain: 'user',
    retry: 'never',
  },
  CLUSTER_MAVEN_MISSING: {
    message:
      'downloading {what} for the local cluster: it needs Maven once, but there is no mvn on PATH; install it (Debian and Ubuntu: ' +
      'apt install maven, macOS: brew install maven, others: https://maven.apache.org/install.html)',
    domain: 'user',
    retry: 'never',
  },
  CLUSTER_DOWNLOAD: {
    message:
      'downloading {what} from Maven Central for the local cluster: {reason}; check the network and the settings of Maven (~/.m2/settings.xml)',
    domain: 'external',
    retry: 'never',
  },
  CLUSTER_OPENSSL: {
    message: 'making certificates for Elasticsearch with openssl: {reason}; security is the only thing that needs it',
    domain: 'user',
    retry: 'never',
  },
  CLUSTER_ROOT: {
    message:
      'starting Elasticsearch as root: it refuses to run as root, and {reason}; install setpriv (util-linux) or start the cluster as another user',
    domain: 'user',
    retry: 'never',
  },
  CLUSTER_PORTS: {
    message:
      "reading the cluster's ports {text}: {reason}; write one number (the first of a block of six) or pairs as in " +
      'zookeeper=2181,kafka=9092,elasticsearch=9200',
    domain: 'user',
    retry: 'never',
  },
  CLUSTER_PORT_TAKEN: {
    message:
      'starting {server}: another program listens on its port {port}; stop that program, or choose other ports with --ports',
    domain: 'user',
    retry: 'never',
  },
  CLUSTER_MOVED: {
    message:
      'starting the local cluster in {directory}: it is running there on ports {ports}; bring it down before you change its {what}',
    domain: 'user',
    retry: 'never',
  },
  CLUSTER_BUSY: {
    message: 'waiting for {path}: process {pid} has held it for {seconds} s; end that process if it hangs',
    domain: 'external',
    retry: 'never',
  },
  CLUSTER_NOT_RUNNING: {
    message: 'sending {signal} to {server}: it is not running; start it first',
    domain: 'user',
    retry: 'never',
  },
  CLUSTER_ENDED: {
    message: 'starting {server}: the process ended before it was healthy; the end of its log {log}:\n{tail}',
    domain: 'external',
    retry: 'never',
  },
  CLUSTER_UNHEALTHY: {
    message: 'waiting for {server} to be healthy: after {seconds} s {reason}; its log is {log}',
    domain: 'external',
    retry: 'never',
  },
});
