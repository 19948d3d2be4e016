//! Runs chains in Fluvio's engine: a line of JSON is a job and gets a line with what came of it; an empty line runs the
//! last job's batches again and gets the seconds that took.

use std::future::Future;
use std::io::{self, BufRead};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use fluvio_smartengine::{
    Lookback, SmartEngine, SmartModuleChainBuilder, SmartModuleChainInstance, SmartModuleConfig,
    SmartModuleInitialData, DEFAULT_SMARTENGINE_VERSION,
};
use fluvio_smartmodule::dataplane::smartmodule::{SmartModuleInput, SmartModuleOutput};
use fluvio_smartmodule::{Record, RecordData};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Job {
    steps: Vec<Step>,
    /// What every step looks back at.
    stored: Vec<Entry>,
    batches: Vec<Batch>,
}

#[derive(Deserialize)]
struct Step {
    /// Path of a module.
    module: String,
    params: Vec<(String, String)>,
    accumulator: String,
    /// Number and age in milliseconds.
    look_back: Option<(u64, Option<u64>)>,
}

#[derive(Deserialize)]
struct Batch {
    base_offset: i64,
    base_timestamp: i64,
    records: Vec<Entry>,
}

/// A record; offset and timestamp are deltas.
#[derive(Clone, Deserialize, Serialize)]
struct Entry {
    offset: i64,
    timestamp: i64,
    key: Option<Vec<u8>>,
    value: Vec<u8>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Made(Vec<Made>),
    /// Why there is no chain.
    Refused(String),
}

#[derive(Default, Serialize)]
struct Made {
    records: Vec<Entry>,
    error: Option<Failure>,
    /// Why the call failed as a whole.
    failed: Option<String>,
}

#[derive(Serialize)]
struct Failure {
    hint: String,
    offset: i64,
    kind: String,
    key: Option<Vec<u8>>,
    value: Vec<u8>,
}

struct Running {
    chain: SmartModuleChainInstance,
    inputs: Vec<SmartModuleInput>,
}

fn main() {
    let engine = SmartEngine::new();
    let mut running = None;
    for line in io::stdin().lock().lines() {
        let line = line.expect("a line of UTF-8");
        if line.is_empty() {
            println!("{}", again(running.as_mut().expect("a job before an empty line")));
            continue;
        }
        let outcome = match start(&engine, serde_json::from_str(&line).expect("a job")) {
            Ok(mut started) => {
                let made = started.inputs.iter().map(|input| made(started.chain.process(input.clone()))).collect();
                running = Some(started);
                Outcome::Made(made)
            }
            Err(text) => Outcome::Refused(text),
        };
        println!("{}", serde_json::to_string(&outcome).expect("JSON"));
    }
}

fn start(engine: &SmartEngine, job: Job) -> Result<Running, String> {
    let mut builder = SmartModuleChainBuilder::default();
    for step in job.steps {
        let mut config = SmartModuleConfig::builder();
        config.smartmodule_names(&[step.module.clone()]);
        config.initial_data(SmartModuleInitialData::with_aggregate(step.accumulator.into_bytes()));
        config.lookback(step.look_back.map(|(last, age)| match age {
            Some(age) => Lookback::Age { age: Duration::from_millis(age), last },
            None => Lookback::Last(last),
        }));
        for (name, value) in step.params {
            config.param(name, value);
        }
        let wasm = std::fs::read(&step.module).expect("a module");
        builder.add_smart_module(config.build().expect("a configuration"), wasm);
    }
    let mut chain = builder.initialize(engine).map_err(|error| error.to_string())?;
    let stored: Vec<Record> = job.stored.into_iter().map(record).collect();
    ready(chain.look_back(|_| std::future::ready(Ok(stored.clone())))).map_err(|error| error.to_string())?;
    Ok(Running { chain, inputs: job.batches.into_iter().map(input).collect() })
}

/// The result of a future that never waits.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => unreachable!("nothing to wait for"),
    }
}

fn again(running: &mut Running) -> f64 {
    let inputs = running.inputs.clone();
    let started = Instant::now();
    for input in inputs {
        running.chain.process(input).expect("what went well before");
    }
    started.elapsed().as_secs_f64()
}

fn input(batch: Batch) -> SmartModuleInput {
    let records = batch.records.into_iter().map(record).collect();
    let mut input = SmartModuleInput::try_from_records(records, DEFAULT_SMARTENGINE_VERSION).expect("records");
    input.set_base_offset(batch.base_offset);
    input.set_base_timestamp(batch.base_timestamp);
    input
}

fn record(entry: Entry) -> Record {
    let mut record = Record::new(entry.value);
    record.key = entry.key.map(RecordData::from);
    record.preamble.set_offset_delta(entry.offset);
    record.preamble.set_timestamp_delta(entry.timestamp);
    record
}

fn made(output: Result<SmartModuleOutput, impl std::fmt::Debug + ToString>) -> Made {
    let output = match output {
        Ok(output) => output,
        Err(error) => return Made { failed: Some(error.to_string()), ..Made::default() },
    };
    let records = output.successes.into_iter().map(|record| Entry {
        offset: record.offset_delta(),
        timestamp: record.timestamp_delta(),
        key: record.key.map(RecordData::into_vec),
        value: record.value.into_vec(),
    });
    let error = output.error.map(|error| Failure {
        hint: error.hint,
        offset: error.offset,
        kind: error.kind.to_string(),
        key: error.record_key.map(RecordData::into_vec),
        value: error.record_value.into_vec(),
    });
    Made { records: records.collect(), error, failed: None }
}
