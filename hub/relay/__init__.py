"""The door to Kafka: posts come in, answers, notices and positions go out; the only room that knows Kafka."""

from hub.relay.relay import Lag, Relay
from hub.relay.sending import Notice
from hub.relay.settings import KafkaSettings
from hub.relay.working import GroupWorker

__all__ = ["GroupWorker", "KafkaSettings", "Lag", "Notice", "Relay"]
