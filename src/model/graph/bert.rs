//! BERT: embeddings, layers of attention and feed-forward, heads.
//!
//! # Source
//! Devlin, Chang, Lee and Toutanova (2019), "BERT: Pre-training of Deep Bidirectional Transformers";
//! the names of the tensors are those of Hugging Face.

use super::builder::{Builder, Linear, Product};
use super::{Dialect, GraphOptions, HIDDEN, Outputs, Precision};
use crate::error::{Error, Result};
use crate::model::folder::{ModelFolder, file};
use crate::model::onnx::{AttributeProto, NodeProto, data_type, signed};
use crate::model::quantize::QuantizedRows;
use crate::model::tensor::{Stored, Tensor};

/// A part of the graph that can be built by itself.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    Embeddings,
    Layer(usize),
    Heads,
}

/// Builds one part.
pub(super) fn build(
    folder: &ModelFolder,
    options: GraphOptions,
    part: Part,
) -> Result<Builder<'_>> {
    let mut builder = Builder::new(folder, options);
    match part {
        Part::Embeddings => builder.embeddings()?,
        Part::Layer(index) => builder.layer(index)?,
        Part::Heads => builder.heads()?,
    }
    Ok(builder)
}

impl Builder<'_> {
    fn embeddings(&mut self) -> Result<()> {
        let config = self.folder.config();
        let (hidden, positions) = (config.hidden_size, config.max_position_embeddings);
        let (words, segments) = (config.vocab_size, config.type_vocab_size);
        let mut table = self.values(
            "embeddings.position_embeddings.weight",
            &[positions, hidden],
        )?;
        let types = self.values(
            "embeddings.token_type_embeddings.weight",
            &[segments, hidden],
        )?;
        if !self.options.segments {
            for row in table.chunks_exact_mut(hidden) {
                row.iter_mut()
                    .zip(&types)
                    .for_each(|(sum, first)| *sum += first);
            }
        }
        let table = self.floats("positions", &[positions, hidden], &table);
        let zero = self.int64s("positions.start", &[1], &[0]);
        let from_to = vec![
            AttributeProto::int("start", 1),
            AttributeProto::int("end", 2),
        ];
        let length = self.node("Shape", &["input_ids"], "length", from_to);
        let table = self.node(
            "Slice",
            &[&table, &zero, &length, &zero],
            "positions.used",
            Vec::new(),
        );
        let word_table = self.stored("embeddings.word_embeddings.weight", &[words, hidden])?;
        let words = self.words(word_table);
        let mut sum = self.node("Add", &[&words, &table], "embeddings.placed", Vec::new());
        if self.options.segments {
            let types = self.floats("segments", &[segments, hidden], &types);
            let types = self.node(
                "Gather",
                &[&types, "token_type_ids"],
                "segments.used",
                Vec::new(),
            );
            sum = self.node("Add", &[&sum, &types], "embeddings.sum", Vec::new());
        }
        let weight = self.vector("embeddings.LayerNorm.weight")?;
        let bias = self.vector("embeddings.LayerNorm.bias")?;
        let attributes = vec![AttributeProto::int("axis", -1), self.epsilon()];
        let output = self.layer_output(None);
        self.node(
            "LayerNormalization",
            &[&sum, &weight, &bias],
            &output,
            attributes,
        );
        Ok(())
    }

    /// The vectors of the tokens; in int8 each row of the table has its own scale.
    fn words(&mut self, table: Stored) -> String {
        let config = self.folder.config();
        let (words, hidden) = (config.vocab_size, config.hidden_size);
        match self.options.precision {
            Precision::F32 => {
                let table = self.floats("words", &[words, hidden], &table.into_numbers());
                self.node("Gather", &[&table, "input_ids"], "words.used", Vec::new())
            }
            Precision::Int8 => {
                let rows = match table {
                    Stored::Bytes(rows) => rows,
                    Stored::Numbers(table) => QuantizedRows::embeddings(&table.values, hidden),
                };
                let table = self.int8s("words", &[words, hidden], &rows.values);
                let scales = self.floats("words.scale", &[words, 1], &rows.scales);
                let used = self.node("Gather", &[&table, "input_ids"], "words.i8", Vec::new());
                let to_float = AttributeProto::int("to", i64::from(data_type::FLOAT));
                let used = self.node("Cast", &[&used], "words.cast", vec![to_float]);
                let scales = self.node(
                    "Gather",
                    &[&scales, "input_ids"],
                    "words.scales",
                    Vec::new(),
                );
                self.node("Mul", &[&used, &scales], "words.used", Vec::new())
            }
        }
    }

    fn layer(&mut self, index: usize) -> Result<()> {
        let (hidden, inner) = {
            let config = self.folder.config();
            (config.hidden_size, config.intermediate_size)
        };
        let at = |part: &str| format!("encoder.layer.{index}.{part}");
        self.attention(index)?;
        let name = at("attention.output.dense");
        let linear = self.linear(&name, hidden, hidden)?;
        let product = self.product(&name, linear)?;
        let skip = at("attention.self.input");
        let middle = at("intermediate.dense.input");
        self.add_and_normalize(&product, &skip, &at("attention.output.LayerNorm"), &middle)?;

        let name = at("intermediate.dense");
        let linear = self.linear(&name, inner, hidden)?;
        let product = self.product(&name, linear)?;
        self.gelu(&product, &at("output.dense.input"));

        let name = at("output.dense");
        let linear = self.linear(&name, hidden, inner)?;
        let product = self.product(&name, linear)?;
        let output = self.layer_output(Some(index));
        self.add_and_normalize(&product, &middle, &at("output.LayerNorm"), &output)
    }

    /// What the embeddings (`None`) or a layer give, called after what reads it.
    fn layer_output(&self, index: Option<usize>) -> String {
        let next = index.map_or(0, |index| index + 1);
        if next == self.folder.config().num_hidden_layers {
            HIDDEN.to_owned()
        } else {
            format!("encoder.layer.{next}.attention.self.input")
        }
    }

    fn attention(&mut self, index: usize) -> Result<()> {
        let heads = self.folder.config().num_attention_heads;
        let name = format!("encoder.layer.{index}.attention.self");
        let input = format!("{name}.input");
        let output = format!("encoder.layer.{index}.attention.output.dense.input");
        let attributes = vec![AttributeProto::int("num_heads", signed(heads))];
        let linear = self.query_key_value(&name)?;
        let (outputs, hidden) = (linear.bias.len(), self.folder.config().hidden_size);
        match (self.options.dialect, self.options.precision) {
            (Dialect::Embedded, _) => {
                let product = self.biased_product(&name, linear)?;
                let size = signed(hidden / heads);
                let shape = [0, 0, signed(heads), 3, size];
                let shape = self.int64s(&format!("{name}.shape"), &[shape.len()], &shape);
                let packed = self.node(
                    "Reshape",
                    &[&product, &shape],
                    &format!("{name}.packed"),
                    Vec::new(),
                );
                self.microsoft("MultiHeadAttention", &[&packed], &output, attributes);
            }
            (Dialect::OnnxRuntime, Precision::F32) => {
                let bias = self.floats(&format!("{name}.bias"), &[outputs], &linear.bias);
                let weight = self.weight(&name, linear);
                self.microsoft("Attention", &[&input, &weight, &bias], &output, attributes);
            }
            (Dialect::OnnxRuntime, Precision::Int8) => {
                let bias = self.floats(&format!("{name}.bias"), &[outputs], &linear.bias);
                let q = self.quantized(&input, &name, linear)?;
                let inputs = [
                    &*q.input,
                    &q.weight,
                    &bias,
                    &q.input_scale,
                    &q.weight_scale,
                    "",
                    &q.input_zero,
                    &q.weight_zero,
                ];
                self.microsoft("QAttention", &inputs, &output, attributes);
            }
        }
        Ok(())
    }

    /// Query, key and value as one map. rten reads them without copying if each attention head has its
    /// three side by side; ONNX Runtime wants all queries first.
    fn query_key_value(&self, name: &str) -> Result<Linear> {
        let config = self.folder.config();
        let (hidden, heads) = (config.hidden_size, config.num_attention_heads);
        let parts = ["query", "key", "value"]
            .map(|part| self.linear(&format!("{name}.{part}"), hidden, hidden));
        let [query, key, value] = parts;
        let parts = [query?, key?, value?];
        let stretches = match self.options.dialect {
            Dialect::Embedded => heads,
            Dialect::OnnxRuntime => 1,
        };
        let bias = interleaved(parts.each_ref().map(|part| part.bias.as_slice()), stretches);
        let weight = match parts.each_ref().map(|part| &part.weight) {
            [Stored::Bytes(q), Stored::Bytes(k), Stored::Bytes(v)]
                if q.halvings == k.halvings && q.halvings == v.halvings =>
            {
                Stored::Bytes(QuantizedRows {
                    values: interleaved([&q.values, &k.values, &v.values], stretches),
                    scales: interleaved([&q.scales, &k.scales, &v.scales], stretches),
                    halvings: q.halvings.clone(),
                })
            }
            _ => {
                let numbers = parts.map(|part| part.weight.into_numbers());
                Stored::Numbers(Tensor {
                    shape: vec![3 * hidden, hidden],
                    values: interleaved(numbers.each_ref().map(Vec::as_slice), stretches),
                })
            }
        };
        Ok(Linear { weight, bias })
    }

    fn gelu(&mut self, product: &Product, output: &str) {
        match &product.bias {
            None => self.microsoft("Gelu", &[&product.name], output, Vec::new()),
            Some(bias) => self.microsoft("BiasGelu", &[&product.name, bias], output, Vec::new()),
        };
    }

    fn add_and_normalize(
        &mut self,
        product: &Product,
        skip: &str,
        norm: &str,
        output: &str,
    ) -> Result<()> {
        let weight = self.vector(&format!("{norm}.weight"))?;
        let shift = self.vector(&format!("{norm}.bias"))?;
        let mut attributes = vec![self.epsilon()];
        match self.options.dialect {
            Dialect::Embedded => {
                let mut inputs = vec![product.name.as_str(), skip, &weight, &shift];
                inputs.extend(product.bias.as_deref());
                self.microsoft("SkipLayerNormalization", &inputs, output, attributes);
            }
            // ONNX Runtime 1.32 has one operation for it, too, which takes five times as long.
            Dialect::OnnxRuntime => {
                let parts = product.bias.as_deref().into_iter().chain([skip]);
                let sum = parts
                    .enumerate()
                    .fold(product.name.clone(), |sum, (index, part)| {
                        let name = format!("{norm}.sum.{index}");
                        self.node("Add", &[&sum, part], &name, Vec::new())
                    });
                attributes.push(AttributeProto::int("axis", -1));
                let inputs = [&*sum, &weight, &shift];
                self.node("LayerNormalization", &inputs, output, attributes);
            }
        }
        Ok(())
    }

    fn epsilon(&self) -> AttributeProto {
        AttributeProto::float("epsilon", self.folder.config().layer_norm_eps)
    }

    /// All heads are one product, in single precision (they are small), which is then split.
    fn heads(&mut self) -> Result<()> {
        if self.options.outputs == Outputs::Hidden {
            return Ok(());
        }
        let hidden = self.folder.config().hidden_size;
        let heads: Vec<_> = self.folder.spec().heads.iter().collect();
        let (mut weight, mut bias) = (Vec::new(), Vec::new());
        for head in &heads {
            let linear = self.linear(&head.output, head.columns.len(), hidden)?;
            weight.extend(linear.weight.into_numbers());
            bias.extend(linear.bias);
        }
        if heads.is_empty() {
            return Err(Error::OpenModel {
                path: self.folder.path().join(file::SPEC),
                problem: "it has no [heads]; train the model first".to_owned(),
                source: None,
            });
        }
        let columns = bias.len();
        let bias_name = self.floats("heads.bias", &[columns], &bias);
        let joined = Linear {
            weight: Stored::Numbers(Tensor {
                shape: vec![columns, hidden],
                values: weight,
            }),
            bias,
        };
        let product = self.matmul(HIDDEN, "heads", joined, "heads.product");
        let sum = self.node("Add", &[&product, &bias_name], "heads.output", Vec::new());
        let sizes: Vec<i64> = heads
            .iter()
            .map(|head| signed(head.columns.len()))
            .collect();
        let sizes = self.int64s("heads.sizes", &[sizes.len()], &sizes);
        self.nodes.push(NodeProto {
            input: vec![sum, sizes],
            output: heads.iter().map(|head| head.output.clone()).collect(),
            name: "heads".to_owned(),
            op_type: "Split".to_owned(),
            attribute: vec![AttributeProto::int("axis", -1)],
            domain: String::new(),
        });
        Ok(())
    }
}

/// Parts of the same length one behind the other, a stretch of each in turn, each in so many stretches.
fn interleaved<T: Copy>(parts: [&[T]; 3], stretches: usize) -> Vec<T> {
    let size = parts[0].len() / stretches;
    let at = |stretch: usize| parts.map(|part| &part[stretch * size..(stretch + 1) * size]);
    (0..stretches)
        .flat_map(|stretch| at(stretch).concat())
        .collect()
}
